"""How many cases each row of the table is worth (failures, 4.6): in CI, and at night.

The targets of a row share its budget, each by its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tests.fuzz import datagrams, http, stores, targets
from tests.fuzz.harness import Place, Target


class Budget(NamedTuple):
    """Cases of a row."""

    ci: int
    nightly: int


ROWS: Final = {
    "Modbus": Budget(2_000_000, 100_000_000),
    "SNMP": Budget(200_000, 10_000_000),
    "BACnet": Budget(200_000, 10_000_000),
    "MQTT": Budget(200_000, 5_000_000),
    "YAML": Budget(20_000, 1_000_000),
    "HTTP": Budget(20_000, 500_000),
    "formula": Budget(100_000, 5_000_000),
    "DB file": Budget(2_000, 200_000),
    "imports": Budget(50_000, 2_000_000),
}


def everyone() -> tuple[Target | Place, ...]:
    """Everybody whom bytes of a stranger reach, those that take longest first."""
    files = (*stores.targets(), *targets.TARGETS)
    return (*http.PLACES, datagrams.STACK, *files, *datagrams.TARGETS)


def shares(wanted: Sequence[Target | Place], *, nightly: bool = False) -> dict[str, int]:
    """Target -> its cases."""
    found: dict[str, int] = {}
    for row, budget in ROWS.items():
        ours = [target for target in wanted if target.row == row]
        weights = sum(target.weight for target in ours)
        whole = budget.nightly if nightly else budget.ci
        found |= {one.name: round(whole * one.weight / weights) for one in ours}
    return found
