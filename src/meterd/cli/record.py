"""Run the readers, and write what they read in the replay format; nothing is booked.

    meterd record --seconds 3600 > readings.csv
    meterd record --jsonl -o readings.jsonl

`meterd replay --readings FILE` makes of it what a daemon would have made.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

from meterd.cli.exits import DONE, FINDING, CliError
from meterd.cli.site import whole
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.links import Link, links
from meterd.daemon.links import Links
from meterd.events import PollFailed, Reading
from meterd.shapes.recorded import Recorder
from meterd.specs import SiteSpec


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="instead of printing")
    parser.add_argument("--jsonl", action="store_true", help="JSON lines instead of CSV")
    parser.add_argument("--seconds", type=float, help="stop by itself after so long")


def run(args: Namespace) -> int:
    """Until Ctrl-C, SIGTERM or --seconds; exit 1 if nothing was read."""
    config = whole(args)
    read, site = links(config), site_spec(config)
    if not read:
        raise CliError("no meter is on a connection that is read", FINDING)
    try:
        with _opened(args.output) as file:
            count = asyncio.run(_record(args, read, site, file))
    except OSError as error:
        raise CliError(f"{args.output}: {error.strerror}", FINDING) from error
    print(f"{count} readings", file=sys.stderr)
    return DONE if count else FINDING


def _opened(path: Path | None) -> AbstractContextManager[IO[str]]:
    return nullcontext(sys.stdout) if path is None else path.open("x", encoding="utf-8")


async def _record(args: Namespace, read: tuple[Link, ...], site: SiteSpec, file: IO[str]) -> int:
    clock, stop = SystemClock(), asyncio.Event()
    recorder = Recorder(site, jsonl=args.jsonl)
    file.write(recorder.head())
    reading = Links(_writer(recorder, file), clock)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if args.seconds is not None:
        loop.call_later(args.seconds, stop.set)
    await reading.become(read, site)
    await stop.wait()
    await reading.stop()
    return recorder.count


def _writer(recorder: Recorder, file: IO[str]) -> Callable[[Reading | PollFailed], None]:
    def write(told: Reading | PollFailed) -> None:
        if isinstance(told, Reading):
            file.write(recorder.row(told))
            file.flush()

    return write
