"""What one cycle of each connection costs: its requests, their bytes, the share of the link.

Exit 1 when a cycle does not fit.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any, Final

from meterd.cli.exits import DONE
from meterd.cli.listing import put
from meterd.cli.site import whole
from meterd.config.links import links
from meterd.readers.line import reader

COLUMNS: Final = (
    "connection", "meter", "unit", "table", "address", "count", "request_bytes", "reply_bytes",
    "every_s", "points",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Print one row a request."""
    config = whole(args)
    rows: list[dict[str, Any]] = []
    for link in links(config):
        every_ms = {device.meter: device.every_ms for device in link.devices}
        rows += [
            {
                "connection": link.name,
                "meter": request.meter,
                "unit": request.unit,
                "table": request.table,
                "address": request.address,
                "count": request.count,
                "request_bytes": request.request_bytes,
                "reply_bytes": request.reply_bytes,
                "every_s": every_ms[request.meter] / 1000,
                "points": ",".join(request.points),
            }
            for request in reader(link.protocol).plan_cycle(link)
        ]
    put(args, rows, COLUMNS)
    return DONE
