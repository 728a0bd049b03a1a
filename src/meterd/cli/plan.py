"""What one cycle of each connection costs: its requests, their bytes, seconds on the wire.

`share` is the part of the line's time that a request takes, polled as often as its meter
wants. Over TCP both are estimates. Exit 1 when those of a line certainly add up to more than
all of it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any, Final

from meterd.cli.exits import DONE, FINDING
from meterd.cli.listing import put
from meterd.cli.site import whole
from meterd.config.links import links
from meterd.readers.budget import SLOWER, Budget, budgets

COLUMNS: Final = (
    "connection", "meter", "unit", "table", "address", "count", "request_bytes", "reply_bytes",
    "wire_s", "every_s", "share", "estimated", "points",
)  # fmt: skip
WATCH: Final = "Look at meterd_poll_lateness_seconds, and poll them less often if it grows."


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Print one row a request."""
    config = whole(args)
    found = budgets(links(config))
    put(args, [row for budget in found for row in rows(budget)], COLUMNS)
    for budget in found:
        name = budget.link.name
        if not budget.fits:
            print(f"{name}: {budget.said()}. {SLOWER}", file=sys.stderr)
        elif budget.estimate > 1:
            asked = f"its meters ask for about {budget.estimate:.0%} of its time, by estimate"
            print(f"{name}: {asked}. {WATCH}", file=sys.stderr)
    return DONE if all(budget.fits for budget in found) else FINDING


def rows(budget: Budget) -> list[dict[str, Any]]:
    """The requests of a link's cycle, one row each."""
    every_ms = {device.meter: device.every_ms for device in budget.link.devices}
    return [
        {
            "connection": budget.link.name,
            "meter": request.meter,
            "unit": request.unit,
            "table": request.table,
            "address": request.address,
            "count": request.count,
            "request_bytes": request.request_bytes,
            "reply_bytes": request.reply_bytes,
            "wire_s": round(request.wire_s, 4) or None,
            "every_s": every_ms[request.meter] / 1000,
            "share": round(share, 4) or None,
            "estimated": request.least_s != request.wire_s,
            "points": ",".join(request.points),
        }
        for request, share in budget.requests
    ]
