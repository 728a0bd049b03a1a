"""What no seal holds, against the exact rows behind it.

The sums of a period that is not closed must follow from its samples, and the columns of a
meter record that are for people (seed 001's doubles and dates) from its exact ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from meterd.billing.closing import inputs
from meterd.billing.proof import by_source, unlike
from meterd.billing.recompute import recomputed
from meterd.billing.state import BillState
from meterd.billing.world import World
from meterd.metering.calendar import iso
from meterd.specs import RecordSpec
from meterd.stores.evidence import of_running
from meterd.stores.meter_records import (
    SEED_COLUMNS,
    RecordColumns,
    Recorded,
    columns_of,
    record_row,
)
from meterd.stores.pages import walk
from meterd.stores.queries import Reader

_FOR_PEOPLE: Final = ("start_date", "end_date", "total_duration_sec", "usage_value", "cost")


def running_periods(
    reader: Reader, bill: str, state: BillState, world: World
) -> Iterator[dict[str, Any]]:
    """What of a bill's open and closing periods their samples do not bear out."""
    for period in state.periods:
        evidence = of_running(reader, bill, period, state.terms[period.terms])
        again = recomputed(evidence, state.terms[period.terms], world)
        pair = (_sampled(inputs(period.totals)), _sampled(inputs(again.state.totals)))
        for what, stored, computed in unlike(*pair):
            row = {"bill": bill, "period": iso(period.start_ms), "figure": what}
            yield row | {"stored": stored, "computed": computed}


def _sampled(rows: list[dict[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return by_source(row for row in rows if row["samples"] or row["discarded"])


def record_columns(reader: Reader, specs: Mapping[str, RecordSpec]) -> Iterator[dict[str, Any]]:
    """What of the records is not what their exact amounts and times say.

    A record that was written in another unit than its configuration has now is passed over.
    """
    known = {name: columns_of(spec) for name, spec in specs.items()}
    for record in walk(reader.records):
        columns = known.get(record.row.configuration)
        if columns is not None and _of_its_units(record, columns):
            exact = dict(zip(SEED_COLUMNS, record_row(record.row, columns), strict=False))
            for name in _FOR_PEOPLE:
                if record.columns[name] != exact[name]:
                    row = {"record": record.columns["id"], "figure": name}
                    yield row | {"stored": record.columns[name], "computed": exact[name]}


def _of_its_units(record: Recorded, columns: RecordColumns) -> bool:
    units = (columns.usage_unit_id, columns.cost_unit_id)
    found = ("usage_unit_of_measure_id", "cost_unit_of_measure_id")
    return tuple(record.columns[name] for name in found) == units
