"""The first of the month: a thousand bills of ten sources each close their period at once.

    python bench/closing.py [--bills 1000] [--sources 10]

Each bill has a month of hourly tallies of a tariff with time of use, demand and ratchet. What
is timed is closing and pricing it, opening the next, and encoding the bill's state. The peer
is what must be done at the least: the SHA-256 of the same bodies. CPU seconds of one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.tariff_year import QUARTER_MS, START_MS, event, tariff  # run from a checkout

from meterd.billing.bill import Bill
from meterd.billing.state import decode
from meterd.billing.world import World
from meterd.events import Interval, Output, PeriodClosed
from meterd.metering.calendar import Calendar
from meterd.specs import BillSpec, SourceSpec

MONTH = 31 * 96
TARGET_S = 30


def terms(sources: int) -> BillSpec:
    found = tuple(SourceSpec(f"m{n}") for n in range(sources))
    return BillSpec("tenant", sources=found, tariff=(tariff(),), sampling_ms=QUARTER_MS)


def month(spec: BillSpec, world: World) -> bytes:
    """The state of a bill that has had all of January and has not closed it."""
    bill, out = Bill(spec, world), list[Output]()
    for n in range(MONTH):
        at_ms = START_MS + n * QUARTER_MS
        for source in spec.sources:
            row = ("energy_import", "measured", "", at_ms, at_ms + QUARTER_MS, 900_000 + n)
            bill.take(Interval(source.meter, *row), at_ms, out)
    return bill.encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bills", type=int, default=1000)
    parser.add_argument("--sources", type=int, default=10)
    args = parser.parse_args()
    world = World(Calendar("America/Phoenix"), "2026a", event, lambda _at_ms: "")
    spec = terms(args.sources)
    body = month(spec, world)
    bills = [Bill(spec, world, decode(body)) for _ in range(args.bills)]
    out: list[Output] = []
    now_ms = START_MS + MONTH * QUARTER_MS
    began = time.process_time()
    for bill in bills:
        bill.advance(now_ms, out)
        bill.encode()
    ours = time.process_time() - began
    bodies = [told.body for told in out if isinstance(told, PeriodClosed)]
    began = time.process_time()
    for one in bodies:
        sha256(one).hexdigest()
    least = time.process_time() - began
    size = sum(map(len, bodies)) / max(1, len(bodies))
    print(f"{len(bodies)} bills of {args.sources} sources closed in {ours:.2f} s CPU")
    print(f"of {TARGET_S} s at most: {ours / TARGET_S:.0%}; SHA-256 of them: {ours / least:.0f} x")
    print(f"{size / 1000:.1f} kB of body, {len(body) / 1000:.1f} kB of state a bill")


if __name__ == "__main__":
    main()
