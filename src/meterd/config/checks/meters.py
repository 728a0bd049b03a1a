"""Meters: names, links, addresses, parents, thresholds and their points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from meterd.config.checks.bacnet import check_bacnet_address
from meterd.config.checks.expressions import check_virtual
from meterd.config.checks.inputs import check_inputs
from meterd.config.checks.points import check_point
from meterd.config.checks.site import check_demand
from meterd.config.checks.survey import Survey
from meterd.config.connections import family, protocol_word
from meterd.config.findings import Path
from meterd.config.host_port import host_and_port
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.report import Report

MIN_EVERY_MS: Final = 100
MAX_WORDS: Final = 125
"""Of one Modbus request (Modbus Application Protocol 1.1b3, 6.3)."""
ADDRESSED: Final = {
    "modbus": "Write address: and the Modbus unit id, from 0 to 255.",
    "snmp": "Write address: HOST or HOST:PORT.",
    "bacnet": "Write address: and the device instance or IP address.",
}
"""Families that find a device by the meter's address; the others go by the points."""
UNIT_IDS: Final = {"modbus_tcp": (0, 255), "modbus_rtu": (1, 247), "modbus_rtu_tcp": (1, 247)}
"""On a serial line 0 is the broadcast, which nobody answers."""


def check_meters(survey: Survey) -> None:
    """Every meter by itself, then the tree they form."""
    meters = survey.config.meters
    survey.check_unique("meters", (meter.name for meter in meters))
    for index, meter in enumerate(meters):
        path: Path = ("meters", index)
        if meter.protocol == "virtual":
            _check_virtual(survey.report, path, meter)
        else:
            _check_real(survey.report, path, meter)
        if meter.connection is not None and meter.protocol != "virtual":
            _check_link(survey, path, meter)
        check_demand(survey.config, survey.report, (*path, "demand"), meter.demand)
        _check_numbers(survey.report, path, meter)
    _check_parents(survey)
    check_virtual(survey)


def _check_virtual(report: Report, path: Path, meter: MeterConfig) -> None:
    for key in ("connection", "address", "profile"):
        if getattr(meter, key) is not None:
            report.error((*path, key), f"a virtual meter has no {key}", "Drop it.")
    if not meter.points and not report.broken(*path, "points"):
        remedy = 'Write points: {active_power: {expression: "a.active_power"}}.'
        report.error(path, "a virtual meter needs points", remedy)


def _check_real(report: Report, path: Path, meter: MeterConfig) -> None:
    for quantity, point in meter.points.items():
        if point.expression is not None and meter.connection is None:
            where: Path = (*path, "points", quantity, "expression")
            message = "only a virtual meter is calculated"
            report.error(where, message, "Write protocol: virtual on the meter.", key=True)


def _check_link(survey: Survey, path: Path, meter: MeterConfig) -> None:
    report, name, link = survey.report, str(meter.connection), survey.link(meter)
    if link is None:
        if name not in survey.connection_names:
            remedy = report.guess(name, survey.connection_names)
            report.error((*path, "connection"), f'no connection "{name}"', remedy)
        return
    kind, word = family(link.protocol), protocol_word(link.protocol)
    if meter.protocol not in {None, word}:
        message = f"the connection {name} speaks {word}"
        report.error((*path, "protocol"), message, "Drop it; it follows from the connection.")
    if kind in ADDRESSED and meter.address is None and not report.broken(*path, "address"):
        report.error((*path, "address"), "the key is missing", ADDRESSED[kind])
    elif kind == "modbus" and meter.address is not None:
        text, (least, most) = str(meter.address), UNIT_IDS[link.protocol]
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            message = f'"{text}" is no Modbus unit id'
            report.error((*path, "address"), message, f"It must be from {least} to {most}.")
    elif kind == "snmp" and host_and_port(str(meter.address), 161) is None:
        message = f'"{meter.address}" is no address of an agent'
        report.error((*path, "address"), message, ADDRESSED[kind])
    elif kind == "bacnet" and meter.address is not None:
        check_bacnet_address(report, (*path, "address"), meter.address)
    elif kind in {"pulse", "analog", "push"}:
        check_inputs(survey, path, kind, meter)
    unread = meter.status in {"planned", "decommissioned"} or kind in {"push", "manual"}
    broken = report.broken(*path, "points") or report.broken(*path, "profile")
    if not (meter.points or meter.profile or unread or broken):
        report.error(path, "there is nothing to read", "Write profile: or points:.")


def _check_numbers(report: Report, path: Path, meter: MeterConfig) -> None:
    if meter.every < MIN_EVERY_MS:
        report.error((*path, "every"), "that is too often", "It must be 100ms or more.")
    for flag, key in (("apply_ct_ratio", "ct_ratio"), ("apply_pt_ratio", "pt_ratio")):
        if getattr(meter, flag) and getattr(meter, key) is None and not report.broken(*path, key):
            report.error((*path, flag), f"there is no {key} to apply", f'Write {key}: "400:5".')
    for low, high in (
        ("warning_threshold_percent", "critical_threshold_percent"),
        ("voltage_low_threshold", "voltage_high_threshold"),
    ):
        least, most = getattr(meter, low), getattr(meter, high)
        if least is not None and most is not None and least >= most:
            report.warn((*path, low), f"{low} is not below {high}", "Are the two exchanged?")
    check_limits(report, (*path, "limits"), meter.limits.max_words, meter.limits.max_hole)


def check_limits(report: Report, path: Path, words: int | None, hole: int | None) -> None:
    """What a device can take in one request."""
    if words is not None and not 1 <= words <= MAX_WORDS:
        message = f"{words} words do not fit one request"
        report.error((*path, "max_words"), message, f"It must be from 1 to {MAX_WORDS}.")
    if hole is not None and not 0 <= hole <= MAX_WORDS:
        message = f"a hole of {hole} words does not fit one request"
        report.error((*path, "max_hole"), message, f"It must be from 0 to {MAX_WORDS}.")


def check_own_points(survey: Survey, written: Config) -> None:
    """The points the file itself has, profiles laid under them; those have been checked.

    written: the configuration before profiles were applied.
    """
    for index, meter in enumerate(survey.config.meters):
        link = survey.link(meter)
        protocol = link.protocol if link else meter.protocol
        kind = protocol and family(protocol)
        for quantity in written.meters[index].points:
            path: Path = ("meters", index, "points", quantity)
            check_point(survey.report, path, kind, meter.points)


def _check_parents(survey: Survey) -> None:
    report, meters = survey.report, survey.config.meters
    for index, meter in enumerate(meters):
        if meter.parent is not None and meter.parent not in survey.meter_names:
            remedy = report.guess(meter.parent, survey.meter_names)
            report.error(("meters", index, "parent"), f'no meter "{meter.parent}"', remedy)
    for loop in loops({meter.name: meter.parent for meter in meters if meter.name}):
        path: Path = ("meters", survey.meters[loop[0]], "parent")
        chain = " below ".join((*loop, loop[0]))
        report.error(path, f"a loop: {chain}", "No meter is below itself.")


def loops(parents: Mapping[str, str | None]) -> list[list[str]]:
    """Every loop among names and the names above them, once each."""
    found = []
    done: set[str] = set()
    for name in parents:
        trail: dict[str, None] = {}
        above: str | None = name
        while above is not None and above not in trail and above not in done:
            trail[above] = None
            above = parents.get(above)
        if above is not None and above in trail:
            order = list(trail)
            found.append(order[order.index(above) :])
        done.update(trail)
    return found
