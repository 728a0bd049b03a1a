"""What is wrong on this host and on its lines: every check, what it found, and the remedy.

    meterd doctor                  the host, the store, ports, hosts and the time on the wire
    meterd doctor --seconds 60     and, from readings of a minute, whether energy fits power

It reads and changes nothing.
"""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any, Final

from meterd.cli.checkup import Check, checks
from meterd.cli.checkup_snmp import agent_clocks
from meterd.cli.exits import DONE, FINDING
from meterd.cli.listing import put
from meterd.cli.site import config_path, store_argument, whole
from meterd.clock import SystemClock
from meterd.config.compile import site_spec
from meterd.config.links import links
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.values import ratio_of
from meterd.daemon.links import Links
from meterd.events import PollFailed, Reading
from meterd.metering.physics import Ratios, Verdict, fitting, judged, moving
from meterd.specs import MeterSpec

COLUMNS: Final = ("check", "subject", "result", "what", "remedy")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    parser.add_argument("--seconds", type=float, default=0, help="read every meter for so long")
    parser.add_argument("--csv", action="store_true", help="print CSV")


def run(args: Namespace) -> int:
    """Exit 1 if something is wrong."""
    config = whole(args)
    found = [*checks(config, config_path(args), args.store), *agent_clocks(config)]
    if args.seconds > 0:
        found += list(_physics(config, args.seconds))
    put(args, [_row(check) for check in found], COLUMNS)
    return FINDING if any(check.ok is False for check in found) else DONE


def _row(check: Check) -> dict[str, Any]:
    result = {True: "ok", False: "wrong", None: "unknown"}[check.ok]
    return {
        "check": check.name, "subject": check.subject, "result": result, "what": check.what,
        "remedy": check.remedy or None,
    }  # fmt: skip


def _physics(config: Config, seconds: float) -> Iterator[Check]:
    specs = {spec.name: spec for spec in site_spec(config).meters}
    ratios = {meter.name: _ratios(meter) for meter in config.meters}
    readings, failures = asyncio.run(_watch(config, seconds))
    for name, why in failures.items():
        if name not in readings:
            yield Check("answers", name, False, why, "Look at its address and its line.")
    serials: dict[str, str] = {}
    for name, taken in readings.items():
        yield Check("energy fits power", name, *_judged(specs[name], taken, ratios[name]))
        yield Check("power fits current", name, *fitting(taken, ratios[name]))
        yield Check("is alive", name, *moving(taken))
        serial = taken[-1].serial
        other = serials.setdefault(serial, name) if serial else name
        if other != name:
            what = f"its serial number {serial} is that of {other}"
            yield Check("is itself", name, False, what, "Do both have the same address?")


def _ratios(meter: MeterConfig) -> dict[str, float]:
    """The meter's transformers, by what the file calls them."""
    said = {"ct_ratio": meter.ct_ratio, "pt_ratio": meter.pt_ratio}
    return {f"{key} {text}": float(ratio_of(text)) for key, text in said.items() if text}


def _judged(spec: MeterSpec, taken: list[Reading], ratios: Ratios) -> Verdict:
    if not any(register.quantity == "energy_import" for register in spec.registers):
        return Verdict(None, "it has no counter of energy")
    return judged(spec, taken, ratios)


async def _watch(config: Config, seconds: float) -> tuple[dict[str, list[Reading]], dict[str, str]]:
    """Readings and the last failure of every meter that is read."""
    readings: dict[str, list[Reading]] = {}
    failures: dict[str, str] = {}

    def take(told: Reading | PollFailed) -> None:
        if isinstance(told, Reading):
            readings.setdefault(told.meter, []).append(told)
        else:
            failures[told.meter] = told.reason

    clock = SystemClock()
    reading = Links(take, clock)
    await reading.become(links(config), site_spec(config))
    await clock.sleep_until(clock.mono_ms() + round(1000 * seconds))
    await reading.stop()
    return readings, failures
