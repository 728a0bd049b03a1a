"""What the store holds, against what was promised: the laws that look into the file."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tests.laws.ledger import SINK, Ledger, hold
from tests.laws.lives import ENERGY, KWH

from meterd.events import PeriodClosed
from meterd.pipeline import Pipeline
from meterd.stores.audit import audit
from meterd.stores.pages import walk
from meterd.stores.queries import Reader

LOSING: Final = frozenset(
    {"reset", "reset_confirmed", "baseline_set", "minimum_booked", "level_shift"}
)
PASSED: Final = ("value", "baseline", "booked")


def check_outbox(reader: Reader, ledger: Ledger, heard: int, *, whole: bool) -> None:
    """Every fact is in the outbox, or the broker has it; none is another than was promised.

    whole: look at all of them again, and not at those alone that are new since the last look.
    """
    since = 0 if whole else ledger.looked
    sql = "SELECT seq, topic, payload, retain FROM outbox WHERE sink = ? AND seq > ?"
    held = {row[0]: row for row in reader.rows(sql, (SINK, since))}
    wrong = () if held.items() <= ledger.facts.items() else held.items() - ledger.facts.items()
    hold(not wrong, "the outbox holds what was promised", wrong=list(wrong)[:3])
    sql = "SELECT count(*) FROM outbox WHERE sink = ? AND seq > ?"
    ((waiting,),) = reader.rows(sql, (SINK, heard))
    hold(waiting == ledger.numbered - heard, "no fact is lost", waiting=waiting, heard=heard)
    last = reader.rows("SELECT coalesce(max(last_seq), 0) FROM sinks")[0][0]
    hold(last == ledger.numbered, "numbers go on where they were", last=last)
    ledger.looked = last


def check_rows(reader: Reader, ledger: Ledger, *, whole: bool) -> None:
    """Events are those promised, or (unless whole) as many; closed periods are those promised."""
    if whole:
        found = {row[0] for row in reader.rows("SELECT id FROM events")}
        hold(found == ledger.events, "events are those promised", differ=found ^ ledger.events)
    ((count,),) = reader.rows("SELECT count(*) FROM events")
    hold(count == len(ledger.events), "events are as many as promised", count=count)
    check_periods(reader, ledger)


def check_periods(reader: Reader, ledger: Ledger) -> None:
    """Closed periods have not changed by a bit."""
    names = "bill, start_ms, end_ms, closed_ms, body, sha256, previous_sha256"
    rows = [PeriodClosed(*row) for row in reader.rows(f"SELECT {names} FROM periods")]
    hold(len(rows) == len(ledger.periods), "no closed period is lost")
    for row in rows:
        hold(row == ledger.periods[row.bill, row.start_ms], "a closed period never changes")


def check_file(reader: Reader) -> None:
    """SQLite finds nothing wrong."""
    ((answer,),) = reader.rows("PRAGMA integrity_check(1)")
    hold(answer == "ok", "the file is sound", answer=answer)
    hold(not reader.rows("PRAGMA foreign_key_check"), "no row is without its others")


def check_books(reader: Reader, pipeline: Pipeline) -> None:
    """The audit balances, and every bill has exactly what its counters have counted."""
    found = audit(reader, pipeline)
    hold(found["ok"], "the books balance", found=found)
    check_records(pipeline)
    sql = (
        "SELECT s.meter, s.quantity, b.kind, sum(i.amount) FROM samples i "
        "CROSS JOIN bill_sources b ON b.id = i.source JOIN series s ON s.id = b.series "
        "WHERE b.bill = ? GROUP BY 1, 2, 3"
    )
    billed = {row[:2]: row[3] for row in reader.rows(sql, ("tenant",)) if row[2] == "energy"}
    for name, meter in pipeline.meters.items():
        if ENERGY not in meter.registers:
            continue
        state = meter.registers[ENERGY].state
        opened = meter.state.tracks[f"{ENERGY}/measured/"].amount if state.first is not None else 0
        total = billed.get((name, ENERGY), 0)
        hold(total + opened == state.booked, "a bill has what was booked, once", meter=name)


def check_records(pipeline: Pipeline) -> None:
    """What was recorded and what was not is what the counter has booked."""
    for name, recorder in pipeline.recorders.items():
        booked = pipeline.meters[recorder.spec.meter].registers[ENERGY].state.booked
        total = recorder.state.recorded + recorder.state.not_recorded
        hold(total == booked, "records have what was booked", record=name)


def declared(reader: Reader, meter: str) -> int:
    """What the law says that it does not book: a cleared counter passed its old baseline."""
    amount = 0
    for event in walk(lambda page: reader.events(page, meter=meter, kind="baseline_set")):
        numbers = {name: text for name, text in event.numbers.items() if name in PASSED}
        if len(numbers) == len(PASSED):
            value, baseline, booked = (Decimal(numbers[name]) for name in PASSED)
            amount += round((value - baseline - booked) * KWH)
    return amount


def windows(reader: Reader, meter: str) -> list[tuple[int, int]]:
    """Where a meter says that it does not know what was used: loss windows, and the events
    that make them, since a window has no length on a clock that was set back."""
    rows = walk(lambda page: reader.intervals(meter, page))
    spans = [(row.start_ms, row.end_ms) for row in rows if row.missing_ms]
    told = walk(lambda page: reader.events(page, meter=meter))
    return spans + [(event.at_ms, event.at_ms) for event in told if event.kind in LOSING]
