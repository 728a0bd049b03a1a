"""What people read, in their own tongue: English stands in the code, German in `de.toml`.

    [words]
    "Power now" = "Leistung jetzt"

A text is looked up by its English. What a page is written in is the one thing that is not
handed from function to function: it is known to whoever is asked by `speaking`, as a
context variable, which a thread of `asyncio.to_thread` inherits. CSV and the API speak
English alone: programs read them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec


class Tongue(msgspec.Struct, frozen=True):
    """How one language writes. words: by the English. months, short_months: January first.

    instant: as strftime has it. day: a day of a month, of {day} and {month}.
    separators: what stands for "," and "." of 1,234.5.
    """

    code: str
    name: str
    words: Mapping[str, str]
    months: Sequence[str]
    short_months: Sequence[str]
    separators: tuple[str, str]
    instant: str
    day: str


ENGLISH: Final = "en"
NAMES: Final = {ENGLISH: "English", "de": "Deutsch"}
_RANGE: Final = re.compile(
    r"\s*([a-z]{1,8})(?:-[a-z0-9-]{1,64})?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*"
)


@cache
def tongue(code: str) -> Tongue:
    """A tongue from its file. code: one of NAMES."""
    text = (files("meterd.web.tongues") / f"{code}.toml").read_text("utf-8")
    return msgspec.convert({"code": code, "name": NAMES[code], **tomllib.loads(text)}, Tongue)


_SPOKEN: ContextVar[str] = ContextVar("tongue", default=ENGLISH)


def spoken() -> Tongue:
    """What is being written in."""
    return tongue(_SPOKEN.get())


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Write in this tongue meanwhile."""
    token = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def say(text: str, /, **parts: Any) -> str:
    """A text in the tongue that is spoken, with its {parts}; what it lacks stays English."""
    found = spoken().words.get(text, text)
    return found.format(**parts) if parts else found


def figures(value: Any, places: int) -> str:
    """1,234.50 as the tongue writes it. value: rounded already."""
    return grouped(f"{value:,.{places}f}")


def grouped(english: str) -> str:
    """The same of a number that is written in English."""
    thousands, point = spoken().separators
    return english.translate({ord(","): thousands, ord("."): point})


def written(at: datetime) -> str:
    """A time to the second: 2026-01-31 13:05:00."""
    return at.strftime(spoken().instant)


def day(at: date) -> str:
    """A day of a year that is known: 5 Nov."""
    return spoken().day.format(day=at.day, month=spoken().short_months[at.month - 1])


def month(at: date) -> str:
    """November 2026."""
    return f"{spoken().months[at.month - 1]} {at.year}"


def short_month(at: date) -> str:
    """Nov."""
    return spoken().short_months[at.month - 1]


def wanted(accepted: str) -> str:
    """The tongue that `Accept-Language` likes best, of those there are (RFC 9110, 12.5.4)."""
    liked = []
    for part in accepted.lower()[:1024].split(","):
        found = _RANGE.fullmatch(part)
        if found and found[1] in NAMES and float(found[2] or 1) > 0:
            liked.append((float(found[2] or 1), found[1]))
    return max(liked, key=lambda one: one[0])[1] if liked else ENGLISH
