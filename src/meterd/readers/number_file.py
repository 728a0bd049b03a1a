"""Numbers in files: what the kernel shows in /sys, or any other program writes.

A file is read in a thread, because a conversion takes milliseconds and a driver may hang.
"""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeVar

from meterd.readers.line import ReadFailed

BYTES_MAX: Final = 256
NUMBER: Final = re.compile(r"[+-]?[0-9]{0,40}\.?[0-9]{0,40}([eE][+-]?[0-9]{1,2})?", re.ASCII)
_CURRENT: Final = re.compile(r"(in_(?:current|voltage))([0-9]*)(.*)_raw")

T = TypeVar("T")


def number(path: str) -> Fraction:
    """The number in a file, exactly. Raises ReadFailed."""
    text = _text(path)
    if not any(map(str.isdigit, text)) or not NUMBER.fullmatch(text):
        raise ReadFailed("no_number", f"{path} holds {text[:40]!r}, and no number")
    return Fraction(Decimal(text))


def converted(path: str) -> Fraction:
    """The number in a file; of a raw IIO channel (raw + offset) x scale, as IIO defines it.

    That is mA of a current and mV of a voltage. Raises ReadFailed.
    """
    raw = number(path)
    found = _CURRENT.fullmatch(Path(path).name)
    if found is None:
        return raw
    return (raw + _beside(path, found, "offset", 0)) * _beside(path, found, "scale", 1)


def _beside(path: str, channel: re.Match[str], what: str, otherwise: int) -> Fraction:
    """The channel's own file, or the one that all channels of its kind share."""
    kind, _index, rest = channel.groups()
    own = f"{path.removesuffix('_raw')}_{what}"
    shared = str(Path(path).with_name(f"{kind}{rest}_{what}"))
    for name in (own, shared):
        if Path(name).exists():
            return number(name)
    return Fraction(otherwise)


def _text(path: str) -> str:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise ReadFailed("unreadable", f"{path} is no file that holds a number")
            return os.read(file, BYTES_MAX).decode("ascii", "replace").strip()
        finally:
            os.close(file)
    except OSError as error:
        raise ReadFailed("unreadable", f"{path}: {error.strerror}") from error


class Aside:
    """Does one thing at a time in a thread, and waits for it no longer than it may take."""

    def __init__(self, timeout_ms: int) -> None:
        self._timeout_s = timeout_ms / 1000
        self._hung: asyncio.Future[object] | None = None

    async def do(self, work: Callable[[], T]) -> T:
        """The outcome of the work. Raises ReadFailed while it, or what was before it, hangs."""
        if self._hung is not None and not self._hung.done():
            raise ReadFailed("timeout", "the file that was asked before still hangs")
        doing = asyncio.ensure_future(asyncio.to_thread(work))
        done, _ = await asyncio.wait((doing,), timeout=self._timeout_s)
        if done:
            return doing.result()
        self._hung = doing  # type: ignore[assignment]  # what it gives is of no use any more
        doing.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise ReadFailed("timeout", f"no answer within {round(1000 * self._timeout_s)} ms")
