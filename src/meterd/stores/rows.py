"""Outputs as rows of SQL: one pass over a batch, grouped by table.

An interval (and a sample) may come again for the same key, and then says only what its own
pieces add: amounts add up, the time covered adds up, the hull of the gaps grows, and the
last event that shaped it stays. Nothing here runs SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from meterd.events import Adjusted, Event, Interval, Output, PeriodClosed, RecordRow, Sample
from meterd.orders import RecordEdit
from meterd.stores import Batch, kept
from meterd.stores.inventory import INSERT_LOCATION, location_row
from meterd.stores.meter_records import (
    UPSERT_RECORD,
    RecordColumns,
    edit_statement,
    known_columns,
    record_row,
)

HOUR_MS: Final = 3_600_000

Row = tuple[Any, ...]
Statement = tuple[str, list[Row]]

_ADD: Final = """DO UPDATE SET
    length_ms = max(old.length_ms, excluded.length_ms),
    amount = old.amount + excluded.amount,
    gap = old.gap + excluded.gap,
    questionable = old.questionable + excluded.questionable,
    missing_ms = max(0, old.missing_ms + excluded.missing_ms - excluded.length_ms),
    gap_from_ms = CASE WHEN excluded.gap_to_ms = 0 THEN old.gap_from_ms
        WHEN old.gap_to_ms = 0 THEN excluded.gap_from_ms
        ELSE min(old.gap_from_ms, excluded.gap_from_ms) END,
    gap_to_ms = max(old.gap_to_ms, excluded.gap_to_ms),
    event = CASE WHEN excluded.event = '' THEN old.event ELSE excluded.event END"""
INSERT_INTERVAL: Final = (
    f"INSERT INTO intervals AS old VALUES ({', '.join('?' * 11)}) "
    f"ON CONFLICT (hour, series, offset_ms) {_ADD}"
)
INSERT_SAMPLE: Final = (
    f"INSERT INTO samples AS old VALUES ({', '.join('?' * 12)}) "
    f"ON CONFLICT (hour, source, offset_ms, discarded) {_ADD}"
)
INSERT_EVENT: Final = (
    "INSERT INTO events (id, at_ms, kind, meter, quantity, numbers) VALUES (?, ?, ?, ?, ?, ?)"
)
INSERT_PERIOD: Final = (
    "INSERT INTO periods (bill, start_ms, end_ms, closed_ms, body, sha256, previous_sha256) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
INSERT_ADJUSTMENT: Final = (
    "INSERT INTO adjustments (id, bill, period_start_ms, open_period_start_ms, at_ms, reason, "
    "meter, method, amount, before, after, rates) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
UPSERT_STATE: Final = (
    "INSERT INTO states VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"
)
DELETE_STATE: Final = "DELETE FROM states WHERE kind = ? AND key = ?"
INSERT_FACT: Final = "INSERT INTO outbox VALUES (?, ?, ?, ?, ?)"
UPSERT_SINK: Final = (
    "INSERT INTO sinks VALUES (?, ?) ON CONFLICT (sink) DO UPDATE SET last_seq = excluded.last_seq"
)
UPSERT_META: Final = (
    "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
COMMITTED: Final = "committed_ms"
"""The key in `meta` of the time of the last commit, as decimal digits."""


class Names(msgspec.Struct, frozen=True):
    """How names become what rows carry.

    series: (meter, quantity, method, phase) -> number. sources: (bill, period_start_ms,
    kind, number of the series) -> number. records: configuration -> its columns.
    """

    series: Mapping[tuple[Any, ...], int]
    sources: Mapping[tuple[Any, ...], int]
    records: Mapping[str, RecordColumns]


def statements_of(batch: Batch, names: Names) -> list[Statement]:
    """What to execute for a batch, in order."""
    states = [(state.kind, state.key, state.body) for state in batch.saved if state.body]
    gone = [(state.kind, state.key) for state in batch.saved if not state.body]
    facts: list[Row] = []
    last: list[Row] = []
    for sink, messages in batch.facts.items():
        facts += [(sink, m.seq, m.topic, m.payload, m.retain) for m in messages]
        last += [(sink, messages[-1].seq)] if messages else []
    return [
        *_of_outputs(batch.outputs, names),
        (UPSERT_STATE, states),
        (DELETE_STATE, gone),
        (INSERT_FACT, facts),
        (UPSERT_SINK, last),
        (UPSERT_META, [(COMMITTED, b"%d" % batch.now_ms)]),
    ]


def _of_outputs(outputs: Sequence[Output], names: Names) -> list[Statement]:
    intervals: list[Row] = []
    samples: list[Row] = []
    records: list[Statement] = []
    locations: list[Row] = []
    administered: list[Statement] = []
    other: dict[str, list[Row]] = {INSERT_EVENT: [], INSERT_PERIOD: [], INSERT_ADJUSTMENT: []}
    for output in outputs:
        if isinstance(output, Interval):
            number = names.series[output.meter, output.quantity, output.method, output.phase]
            hour, offset_ms = divmod(output.start_ms, HOUR_MS)
            intervals.append((hour, number, offset_ms, *_measured(output)))
        elif isinstance(output, Sample):
            samples.append(_sample_row(output, names.series, names.sources))
        elif isinstance(output, RecordRow):
            if output.location is not None:
                locations.append(location_row(output.location))
            _append(records, UPSERT_RECORD, _record_row(output, names))
        elif isinstance(output, Event | PeriodClosed | Adjusted):
            sql, row = _fact_row(output)
            other[sql].append(row)
        elif isinstance(output, RecordEdit):
            _append(records, *edit_statement(output))  # after what the engine wrote before it
        elif isinstance(output, kept.KINDS):
            _append(administered, *kept.statement(output))
        # A change of availability is told, not kept: a meter's state remembers it.
    return [
        (INSERT_INTERVAL, intervals), (INSERT_SAMPLE, samples),
        (INSERT_LOCATION, locations), *records, *other.items(), *administered,
    ]  # fmt: skip


def _record_row(output: RecordRow, names: Names) -> Row:
    return record_row(output, known_columns(output, names.records))


def _append(statements: list[Statement], sql: str, row: Row) -> None:
    """One row more, in order; rows of one kind that follow each other are one statement."""
    if not statements or statements[-1][0] != sql:
        statements.append((sql, []))
    statements[-1][1].append(row)


def _measured(i: Interval) -> Row:
    return (
        i.end_ms - i.start_ms, i.amount, i.gap, i.questionable, i.missing_ms,
        i.gap_from_ms, i.gap_to_ms, i.event,
    )  # fmt: skip


def _sample_row(
    sample: Sample,
    series: Mapping[tuple[Any, ...], int],
    sources: Mapping[tuple[Any, ...], int],
) -> Row:
    taken = sample.interval
    number = series[taken.meter, taken.quantity, taken.method, taken.phase]
    source = sources[sample.bill, sample.period_start_ms, sample.kind, number]
    hour, offset_ms = divmod(taken.start_ms, HOUR_MS)
    return (hour, source, offset_ms, sample.discarded, *_measured(taken))


def _fact_row(output: Event | PeriodClosed | Adjusted) -> tuple[str, Row]:
    if isinstance(output, Event):
        numbers = msgspec.json.encode(output.numbers).decode()
        head = (output.id, output.at_ms, output.kind, output.meter, output.quantity)
        return INSERT_EVENT, (*head, numbers)
    row = msgspec.structs.astuple(output)
    if isinstance(output, PeriodClosed):
        return INSERT_PERIOD, row
    return INSERT_ADJUSTMENT, (*row[:-1], msgspec.json.encode(output.rates).decode())
