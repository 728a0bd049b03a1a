"""A process under test: started, measured, and ended by its own id."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Final

STOP_S: Final = 15
TAIL: Final = 20
"""So many last lines of a log tell why a program ended."""
PORTS: Final = range(20_000, 32_000)
"""Below those that the kernel gives to connections, which would take them again."""


@contextmanager
def running(words: Sequence[str], log: Path) -> Iterator[subprocess.Popen[str]]:
    """The process, until the block ends; what it says on standard error goes to `log`."""
    with (
        log.open("w") as said,
        subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is not None:
                print(*words[:3], "ended by itself:", *_tail(log), sep="\n", file=sys.stderr)
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _tail(log: Path) -> list[str]:
    return log.read_text().splitlines()[-TAIL:]


def cpu_ms(pid: int) -> float:
    """User and system time of all its threads so far, which /proc has in ticks only.

    Source: clock_getcpuclockid(3); 2 is the clock of the scheduler.
    """
    return time.clock_gettime_ns(~pid << 3 | 2) / 1e6


def rss_mb(pid: int) -> float:
    """Memory it holds now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def free_port() -> int:
    """A port that nobody listens on."""
    while True:
        port = random.choice(PORTS)
        with socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
