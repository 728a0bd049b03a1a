"""The devices on every connection: how they answer, how fast, how often not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from meterd.web.pages.health import health
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import inside, number, percent
from meterd.web.tongues import say
from meterd.web.world import DeviceView, LineView, Reader

COLUMNS: Final = (
    "Meter", "Health", "Polls", "Failed", "Failures by reason", "Last answer ms", "Mean ms",
    "Late ms", "Latest ever ms",
)  # fmt: skip


def devices(seen: Seen, _reader: Reader) -> Sheet:
    """A table for every connection, and one of the connections themselves."""
    tables = [line_table(seen)]
    tables += [device_table(seen, line, n) for n, line in enumerate(seen.lines, 1)]
    return Sheet("devices.html", "Devices", {"lines": tables[1:]}, tuple(tables))


def line_table(seen: Seen) -> Table:
    """How the connections go since the start."""
    rows = [
        (
            cell(line.name),
            cell(say("up" if line.up else "down"), state="ok" if line.up else "offline"),
            cell(len(line.devices)),
            cell(sum(one.polls for one in line.devices.values())),
            cell(line.opened),
            cell(reasons(line.faults)),
            cell(line.dropped),
            cell(percent(line.busy_share, 1), exact=line.busy_share),
        )
        for line in seen.lines
    ]
    columns = (
        "Connection",
        "State",
        "Meters",
        "Polls",
        "Opened",
        "Faults",
        "Dropped",
        "Line busy",
    )
    return Table(
        "connections", "Connections, since the daemon started", columns, rows,
        frozenset({2, 3, 4, 6, 7}), empty="No connection is read.",
    )  # fmt: skip


def device_table(seen: Seen, line: LineView, place: int) -> Table:
    """The devices of one connection."""
    rows = [device(seen, name, one) for name, one in line.devices.items()]
    return Table(
        f"connection-{place}", line.name, COLUMNS, rows, frozenset({2, 3, 5, 6, 7, 8}),
        empty="Nothing has been asked yet.",
    )  # fmt: skip


def device(seen: Seen, name: str, one: DeviceView) -> tuple[Cell, ...]:
    """One device."""
    spec = next((spec for spec in seen.site.meters if spec.name == name), None)
    found = None if spec is None else health(spec, seen.meters.get(name), seen.now_ms)
    failed = sum(one.failures.values())
    return (
        cell(name, href=f"/meters/{name}" if spec else ""),
        cell(say(found.state if found else "gone"), state=found.state if found else "never"),
        cell(number(one.polls, 0), exact=one.polls),
        cell(number(failed, 0), exact=failed),
        cell(reasons(one.failures)),
        cell(one.duration_ms),
        cell(number(one.duration_sum_ms / one.polls if one.polls else None, 1)),
        cell(one.late_ms),
        cell(one.late_max_ms),
    )


def reasons(counts: Mapping[str, int]) -> str:
    """2 timeout, 1 garbled."""
    found = sorted(counts.items(), key=lambda one: -one[1])
    return ", ".join(f"{count} {inside(reason)}" for reason, count in found) or say("none")


ROUTES: Final = (web.get("/devices", page(devices)),)
