"""Lists by time, oldest first for whoever goes on and newest first for whoever looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from meterd.events import Event
from meterd.stores import StoreError
from meterd.stores.meter_records import SELECT_RECORDS, Recorded, recorded
from meterd.stores.pages import Page

Rows = Callable[[str, Sequence[Any]], list[Any]]
"""Runs one query with values by place."""

_EVENTS: Final = "SELECT id, at_ms, kind, meter, quantity, numbers FROM events "


def events(rows: Rows, page: Page, meter: str | None, kind: str | None) -> list[Event]:
    """Events by their time."""
    last: Event | None = page.after
    after = (page.start_ms, "") if last is None else (last.at_ms, last.id)
    where, values = _wanted({"meter": meter, "kind": kind})
    sql = f"{_EVENTS}WHERE (at_ms, id) > (?, ?) AND at_ms < ?{where} ORDER BY at_ms, id LIMIT ?"
    return [_event(row) for row in rows(sql, [*after, page.end_ms, *values, page.limit])]


def latest_events(rows: Rows, page: Page, meter: str | None, kind: str | None) -> list[Event]:
    """Events, newest first."""
    last: Event | None = page.after
    before = (page.end_ms, "") if last is None else (last.at_ms, last.id)
    where, values = _wanted({"meter": meter, "kind": kind})
    sql = (
        f"{_EVENTS}WHERE (at_ms, id) < (?, ?) AND at_ms >= ?{where} "
        "ORDER BY at_ms DESC, id DESC LIMIT ?"
    )
    return [_event(row) for row in rows(sql, [*before, page.start_ms, *values, page.limit])]


def events_since(rows: Rows, plain_id: str, at_ms: int, limit: int) -> list[Event]:
    """Events that were committed after this one, in that order; none if it is not there."""
    known = "SELECT max(seq) FROM events WHERE at_ms = ? AND id = ?"
    sql = f"{_EVENTS}WHERE seq > ({known}) ORDER BY seq LIMIT ?"
    return [_event(row) for row in rows(sql, [at_ms, plain_id, limit])]


def records(rows: Rows, page: Page, configuration: str | None) -> list[Recorded]:
    """Meter records by start."""
    last: Recorded | None = page.after
    after = (page.start_ms, "") if last is None else (last.row.start_ms, last.columns["id"])
    where, values = _wanted({"r.configuration": configuration})
    sql = (
        f"{SELECT_RECORDS}WHERE (r.start_ms, r.id) > (?, ?) AND r.start_ms < ?{where} "
        "ORDER BY r.start_ms, r.id LIMIT ?"
    )
    return [_record(row) for row in rows(sql, [*after, page.end_ms, *values, page.limit])]


def latest_records(
    rows: Rows, page: Page, configuration: str | None, status: str | None
) -> list[Recorded]:
    """Meter records, newest first."""
    last: Recorded | None = page.after
    before = (page.end_ms, "") if last is None else (last.row.start_ms, last.columns["id"])
    where, values = _wanted({"r.configuration": configuration, "r.status": status})
    sql = (
        f"{SELECT_RECORDS}WHERE (r.start_ms, r.id) < (?, ?) AND r.start_ms >= ?{where} "
        "ORDER BY r.start_ms DESC, r.id DESC LIMIT ?"
    )
    return [_record(row) for row in rows(sql, [*before, page.start_ms, *values, page.limit])]


def _wanted(columns: Mapping[str, str | None]) -> tuple[str, list[str]]:
    """What is asked of a row besides its time, and the values for it."""
    asked = {column: value for column, value in columns.items() if value is not None}
    return "".join(f" AND {column} = ?" for column in asked), list(asked.values())


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """Say which row holds what nobody has written. Raises StoreError."""
    try:
        yield
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        raise StoreError(f"{what} is kept in a way that cannot be read: {error}") from error


def _record(row: Sequence[Any]) -> Recorded:
    with _readable(f"record {row[0]}"):
        return recorded(row)


def _event(row: Sequence[Any]) -> Event:
    id_, at_ms, kind, meter, quantity, numbers = row
    with _readable(f"event {id_}"):
        return Event(id_, at_ms, kind, meter, quantity, msgspec.json.decode(numbers))
