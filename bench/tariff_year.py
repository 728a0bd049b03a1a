"""One tenant's year again: 35,040 intervals of 15 minutes, time of use, demand and ratchet.

    python bench/tariff_year.py [--peer PYTHON]

Ours is the whole of a bill's work: sampling with its hash chain, tallies, peaks, closing and
pricing twelve periods. The peer is NREL PySAM's Utilityrate5 on the same energies and the
same tariff, in the interpreter PYTHON, which must have NREL-PySAM (default: this one). It
only prices, from arrays in memory. CPU seconds of one core, the best of three.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from meterd.billing.bill import Bill
from meterd.billing.world import World
from meterd.config.schedule import schedule
from meterd.config.tariffs import WhenConfig
from meterd.events import Event, Interval, Output, PeriodClosed
from meterd.metering.calendar import Calendar, parse_iso
from meterd.specs import BillSpec, DemandSpec, SourceSpec
from meterd.tariff import Amount, DemandRate, EnergyRate, Ratchet, TariffSpec, Tier

START_MS = parse_iso("2018-01-01T00:00:00-07:00")
QUARTER_MS = 900_000
COUNT = 35_040
PEER = Path(__file__).with_name("peers") / "pysam.py"
PEAK = WhenConfig(months="6-9", days="mon-fri", hours="14-20")


def energies() -> list[int]:
    """Joules of every quarter: a day, a week and a year in integers."""
    return [
        3_600_000 * (5 + n * 7 % 96 // 8 + n // 96 % 7 + (n // 2976 % 6)) // 4 for n in range(COUNT)
    ]


def tariff() -> TariffSpec:
    ratchet = Ratchet((Decimal(80),) * 12, 11)
    return TariffSpec(
        name="bench",
        currency="USD",
        schedule=schedule([PEAK, None]),
        energy=(
            EnergyRate("peak", (Tier(Decimal("0.2391")),)),
            EnergyRate("base", (Tier(Decimal("0.0984")),)),
        ),
        demand=(
            DemandRate("any", (Tier(Decimal("9.85")),), 900_000, 900_000, ratchet=ratchet),
            DemandRate("peak", (Tier(Decimal("4.20")),), 900_000, 900_000, "kw", schedule([PEAK])),
        ),
        fixed=(Amount(Decimal(85)),),
    )


def event(at_ms: int, *rest: Any) -> Event:
    return Event("", at_ms, *rest)


def year(rows: list[Interval]) -> list[Output]:
    world = World(Calendar("America/Phoenix"), "2026a", event, lambda _at_ms: "")
    demand = DemandSpec(900_000, 900_000)
    terms = BillSpec(
        "tenant", sources=(SourceSpec("m"),), demand=demand, tariff=(tariff(),), sampling_ms=900_000
    )
    bill, out = Bill(terms, world), list[Output]()
    for row in rows:
        bill.take(row, row.end_ms, out)
        if bill.due_ms() <= row.end_ms:
            bill.advance(row.end_ms, out)
    return out


def total(out: list[Output]) -> Decimal:
    """What the closed periods cost together."""
    bodies = [json.loads(told.body) for told in out if isinstance(told, PeriodClosed)]
    return sum((Decimal(body["figures"]["cost"]["total"]) for body in bodies), Decimal(0))


def best(rows: list[Interval]) -> tuple[float, Decimal]:
    """(CPU seconds, the year's total)."""
    seconds = []
    for _turn in range(3):
        began = time.process_time()
        out = year(rows)
        seconds.append(time.process_time() - began)
    return min(seconds), total(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default=sys.executable)
    args = parser.parse_args()
    joules = energies()
    rows = [
        Interval("m", "energy_import", "measured", "", at_ms, at_ms + QUARTER_MS, amount)
        for n, amount in enumerate(joules)
        for at_ms in (START_MS + n * QUARTER_MS,)
    ]
    ours, cost = best(rows)
    print(f"meterd: {COUNT:,} intervals, {ours:.3f} s CPU; {cost} USD")
    text = "\n".join(map(str, joules))
    peer = subprocess.run(
        [args.peer, str(PEER)], input=text, capture_output=True, text=True, check=False
    )
    if peer.returncode:
        print("PySAM: not compared; --peer names a Python that has NREL-PySAM")
        return
    theirs, their_cost = map(float, peer.stdout.split())
    ratio = ours / theirs
    print(f"PySAM Utilityrate5: {theirs:.3f} s CPU; {their_cost:.2f} USD; ratio {ratio:.1f} x")


if __name__ == "__main__":
    main()
