"""Take history from another system: intervals of energy from before a meter's own readings.

    meterd import --meter main --format csv history.csv

What is there already is skipped, what overlaps is refused, line by line; the same file may be
imported again. It goes into intervals, graphs and consumption, and changes no bill. Works
beside a running daemon and without one.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.offline import engine
from meterd.cli.printing import as_json
from meterd.cli.site import known, loaded, merged, seen, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.load import Loaded
from meterd.shapes.history.formats import FORMATS
from meterd.shapes.history.judge import History, NotCountedError, counted, judged, ordered
from meterd.shapes.history.report import Report, report, sent
from meterd.shapes.history.rows import BYTES_MAX, ROWS_MAX, NoHistoryError, Refused, Wanted
from meterd.specs import MeterSpec, SiteSpec
from meterd.stores.queries import Reader

SHOWN_MAX: Final = 20
"""Refused lines that are printed for people; `--json` has them all."""


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--meter", metavar="NAME", required=True)
    parser.add_argument("--format", choices=FORMATS, required=True, help="of the file")
    parser.add_argument(
        "--quantity", metavar="Q", default="energy_import", help="default: energy_import"
    )
    parser.add_argument("--stream", metavar="S", default="", help="which, where the file has many")
    parser.add_argument(
        "--minutes", metavar="N", type=int, help="length of the rows of a CSV without `end`"
    )


def run(args: Namespace) -> int:
    """Print what was taken, skipped and refused; exit 1 where something was refused."""
    found = loaded(args)
    path = store_path(found, args.store)
    with store_errors():
        spec = _spec(found, path, args.meter)
        history = _history(args, spec)
        told = Report(refused=[row for row in history.rows if isinstance(row, Refused)])
        daemon = _sent(path, history, told)
        if not daemon:
            told = _carry_out(path, found, history)
    _print(args, history, told)
    return FINDING if told.refused else DONE


def _spec(found: Loaded, path: str, name: str) -> MeterSpec:
    assert found.config is not None
    if Path(path).exists():
        with Reader.open(path) as reader:
            site = site_spec(merged(found, reader).config, seen(reader))
    else:
        site = site_spec(found.config)
    return _meter(site, name)


def _meter(site: SiteSpec, name: str) -> MeterSpec:
    specs = {spec.name: spec for spec in site.meters}
    return specs[known("meter", name, specs)]


def _history(args: Namespace, spec: MeterSpec) -> History:
    """The file, read whole before anything is taken of it."""
    try:
        register = counted(spec, args.quantity)
        interval_ms = None if args.minutes is None else args.minutes * 60_000
        wanted = Wanted(register.quantity, register.unit, args.stream, interval_ms)
        rows = list(FORMATS[args.format](_read(args.file), wanted))
    except (NotCountedError, NoHistoryError) as error:
        raise CliError(f"{args.file}: {error}", USAGE) from error
    if len(rows) > ROWS_MAX:
        raise CliError(f"{args.file}: more than {ROWS_MAX} rows; import it in parts", USAGE)
    return History(spec, register, rows, args.file.name)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > BYTES_MAX:
            raise NoHistoryError(f"is larger than {BYTES_MAX >> 20} MiB; import it in parts")
        return file.read_bytes()
    except OSError as error:
        raise CliError(f"{file}: {error.strerror}", USAGE) from error


def _sent(path: str, history: History, told: Report) -> bool:
    """Give it to the daemon, part by part; False if none runs on this store."""
    target = f"/v1/meters/{quote(history.spec.name)}/history"
    head = {"quantity": history.register.quantity, "source": history.source}
    for rows in [*sent(history.rows), []]:
        answer = ask(path, "POST", target, {**head, "rows": rows})
        if answer is None:
            return False
        told.add(msgspec.convert(expect_done(answer), Report))
    return True


def _carry_out(path: str, found: Loaded, history: History) -> Report:
    now_ms = SystemClock().now_ms()
    with engine(path, found) as held:
        plan = judged(held.reader, held.site, history, now_ms)
        if plan.taken:
            held.pipeline.feed(ordered(history, plan.taken, now_ms, actor()))
    return report(plan)


def _print(args: Namespace, history: History, told: Report) -> None:
    register = history.register
    row: dict[str, Any] = told.row(register.unit)
    if args.json:
        as_json({"meter": history.spec.name, "quantity": register.quantity, **row})
        return
    span = "" if told.span_ms is None else f", {row['start']} to {row['end']}"
    taken = f"{told.taken} intervals taken ({row['amount']} {register.unit}{span})"
    rest = f"{told.skipped} there already, {len(told.refused)} refused"
    print(f"{history.spec.name}: {taken}, {rest}")
    for line, why in told.refused[:SHOWN_MAX]:
        print(f"{args.file}:{line}: {why}", file=sys.stderr)
    if len(told.refused) > SHOWN_MAX:
        print(f"and {len(told.refused) - SHOWN_MAX} more; --json has them all", file=sys.stderr)
