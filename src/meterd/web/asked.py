"""What a request asks for: its parameters, checked. What is not known is refused, by name."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from typing import Annotated, Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from aiohttp import web

from meterd.metering.calendar import parse_iso
from meterd.web.problems import Problem, guess
from meterd.web.world import EVER_MS, Page

Row = TypeVar("Row")

LIMIT: Final = 1000
LIMIT_MAX: Final = 10_000
SPAN: Final = ("from", "to")
PAGED: Final = ("limit", "cursor")

At = Annotated[int, msgspec.Meta(ge=-EVER_MS, le=EVER_MS)]
"""An instant in a cursor: what a database holds in 64 bits."""

_WHOLE: Final = re.compile("[0-9]{1,9}")
_BARE_OFFSET: Final = re.compile(r"(T.*) (\d\d:?\d\d)")


class Order(NamedTuple, Generic[Row]):
    """How a list is sorted, so that a page can go on where the one before ended.

    key: the type of the sort key, a tuple. of: a row's key. stand_in: a row with that key.
    """

    key: Any
    of: Callable[[Row], tuple[Any, ...]]
    stand_in: Callable[[Any], Any]


def parameters(request: web.Request, known: Collection[str] = ()) -> dict[str, str]:
    """The query's parameters. Raises Problem for an unknown or a repeated one."""
    for name in request.query:
        if name not in known:
            has = f"known here: {', '.join(known)}" if known else "none are known here"
            raise Problem(400, f"There is no parameter {name!r}; {has}.{guess(name, known)}")
    asked = dict(request.query)
    if len(asked) != len(request.query):
        twice = next(name for name in asked if len(request.query.getall(name)) > 1)
        raise Problem(400, f"The parameter {twice!r} is there more than once; write it once.")
    return asked


def page(asked: dict[str, str], order: Order[Any]) -> Page:
    """The part of a list that is asked for: `from`, `to`, `limit` and `cursor`."""
    start_ms = _instant(asked, "from", -EVER_MS)
    end_ms = _instant(asked, "to", EVER_MS)
    if start_ms > end_ms:
        raise Problem(400, "'from' is later than 'to'; exchange them.")
    cursor = asked.get("cursor")
    after = None if cursor is None else _decoded(cursor, order)
    return Page(start_ms, end_ms, after, _limit(asked))


def part_of(
    request: web.Request, asked: dict[str, str], rows: Sequence[Row]
) -> tuple[Sequence[Row], dict[str, str]]:
    """A part of a list that is in memory, and the header that says where it goes on.

    All of it without a `limit`; the cursor is how many rows came before.
    """
    text = asked.get("cursor", "0")
    if not _WHOLE.fullmatch(text):
        detail = "The cursor is of no page of this list; begin again without it."
        raise Problem(400, detail)
    start, limit = int(text), _limit(asked) if "limit" in asked else len(rows)
    if start + limit >= len(rows):
        return rows[start:], {}
    following = request.rel_url.update_query(cursor=str(start + limit))
    return rows[start : start + limit], {"Link": f'<{following}>; rel="next"'}


def cursor_of(row: Row, order: Order[Row]) -> str:
    """Where the next page goes on, in characters that need no escape."""
    return urlsafe_b64encode(msgspec.json.encode(order.of(row))).rstrip(b"=").decode()


def _decoded(cursor: str, order: Order[Any]) -> Any:
    try:
        packed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key = msgspec.json.decode(packed, type=order.key)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        detail = "The cursor is of no page of this list; begin again without it."
        raise Problem(400, detail) from None
    return order.stand_in(key)


def _instant(asked: dict[str, str], name: str, otherwise: int) -> int:
    text = asked.get(name)
    if text is None:
        return otherwise
    # An unescaped + of an offset arrives as a blank.
    if bare := _BARE_OFFSET.search(text):
        text = f"{text[: bare.start()]}{bare[1]}+{bare[2]}"
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        detail = f"{name!r} is no time with an offset: {text!r}; write 2026-01-31T12:00:00Z."
        raise Problem(400, detail) from None


def _limit(asked: dict[str, str]) -> int:
    text = asked.get("limit", str(LIMIT))
    if not _WHOLE.fullmatch(text) or not 0 < int(text) <= LIMIT_MAX:
        raise Problem(400, f"'limit' is a whole number from 1 to {LIMIT_MAX}, not {text!r}.")
    return int(text)
