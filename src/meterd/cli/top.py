"""A live view in the terminal: every meter's power, energy and alarms, and every open bill.

It asks the running daemon; Ctrl-C ends it. `--once` prints one view and ends.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import Any, Final

from meterd.cli.control import ask, expect_done
from meterd.cli.exits import DONE, CliError
from meterd.cli.printing import as_json, as_table
from meterd.cli.site import loaded, store_argument, store_path

METERS: Final = ("meter", "online", "kW", "V", "A", "today_kWh", "month_kWh", "last", "alarms")
BILLS: Final = ("bill", "used", "unit", "percent", "projection", "peak", "cost")
EVERY_S: Final = 2.0
_CLEAR: Final = "\x1b[H\x1b[2J"


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("--once", action="store_true", help="print one view and end")
    parser.add_argument("--every", type=float, default=EVERY_S, help="seconds between two views")


def run(args: Namespace) -> int:
    """Exit 1 if no daemon runs on this store."""
    store = store_path(loaded(args), args.store)
    if args.json:
        as_json(dict(zip(("meters", "bills"), seen(store), strict=True)))
    elif args.once or not sys.stdout.isatty():
        _show(store)
    else:
        asyncio.run(_watch(store, max(0.2, args.every)))
    return DONE


async def _watch(store: str, every_s: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    while not stop.is_set():
        sys.stdout.write(_CLEAR)
        await asyncio.to_thread(_show, store)
        await asyncio.wait([asyncio.ensure_future(stop.wait())], timeout=every_s)


def _show(store: str) -> None:
    meters, bills = seen(store)
    as_table(meters, METERS)
    if bills:
        print()
        as_table(bills, BILLS)
    sys.stdout.flush()


def seen(store: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of meters and of open periods, as the daemon has them now."""
    meters, bills = _asked(store, "/v1/meters"), _asked(store, "/v1/bills")
    return [_meter(row) for row in meters], [row for bill in bills for row in _periods(bill)]


def _asked(store: str, target: str) -> Sequence[Mapping[str, Any]]:
    answer = ask(store, "GET", target)
    if answer is None:
        raise CliError("no daemon runs on this store; `meterd meters` lists what it holds")
    rows: Sequence[Mapping[str, Any]] = expect_done(answer)
    return rows


def _meter(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "meter": row["name"],
        "online": "yes" if row.get("availability") == "online" else "no",
        "kW": row.get("currentKw"),
        "V": row.get("voltage") or row.get("voltagePhaseA"),
        "A": row.get("currentAmps") or row.get("ampsPhaseA"),
        "today_kWh": row.get("kwhToday"),
        "month_kWh": row.get("kwhThisMonth"),
        "last": row.get("lastReadingTime"),
        "alarms": ", ".join(alarm["alarm"] for alarm in row.get("alarms") or ()) or None,
    }


def _periods(bill: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for period in bill["periods"]:
        if period["status"] == "open":
            cost = period.get("cost")
            money = f"{cost['total']} {cost['currency']}" if cost else None
            shown = {name: period.get(name) for name in ("used", "percent", "projection", "peak")}
            rows.append({"bill": bill["name"], "unit": bill["unit"], **shown, "cost": money})
    return rows
