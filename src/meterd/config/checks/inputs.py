"""Inputs: lines and counters of pulses, files of current loops, topics of MQTT."""

from __future__ import annotations

from typing import Final

from meterd.config.checks.survey import Survey
from meterd.config.findings import Path
from meterd.config.meters import MeterConfig
from meterd.config.points import PointConfig
from meterd.config.pulse import line_of
from meterd.config.report import Report
from meterd.units import canonical_unit

SETTINGS: Final = ("debounce", "edge", "bias")
"""How a line is set; a file of the kernel's is set by whoever has made it."""


def check_inputs(survey: Survey, path: Path, family: str, meter: MeterConfig) -> None:
    """The points of a meter on a connection of protocol `pulse`, `analog` or `push`."""
    report = survey.report
    for quantity, point in meter.points.items():
        where: Path = (*path, "points", quantity)
        if family == "pulse":
            _check_pulse(report, where, meter, point)
        elif family == "push":
            _check_topic(survey, where, point)
        elif point.path is None and not isinstance(meter.address, str):
            remedy = "Write path: and the file that holds the number."
            report.error((*where, "path"), "the key is missing", remedy)


def _check_pulse(report: Report, path: Path, meter: MeterConfig, point: PointConfig) -> None:
    quantity = str(path[-1])
    if not point.is_counter(quantity):
        message = f"pulses are counted, and {quantity} is no counter"
        remedy = "Write energy_import, volume, count or a quantity of your own with a unit."
        if canonical_unit(quantity) is not None:
            remedy = "Drop it; active_power and flow follow from the spacing of the pulses."
        report.error(path, message, remedy)
    line = line_of(meter.address) if point.line is None else point.line
    if point.path is not None and point.line is not None:
        report.error((*path, "path"), "line is there too", "Keep one of the two.", key=True)
    elif point.path is None and line is None:
        remedy = "Write line: and its number, or path: and a count file of the kernel's."
        report.error((*path, "line"), "the key is missing", remedy)
    elif line is not None and line < 0:
        report.error((*path, "line"), f"there is no line {line}", "Lines count from 0.")
    for key in SETTINGS if point.path is not None else ():
        if getattr(point, key) is not None:
            message = f"{key} means nothing with path"
            report.error((*path, key), message, "The kernel's counter is set elsewhere.", key=True)


def _check_topic(survey: Survey, path: Path, point: PointConfig) -> None:
    report = survey.report
    if point.topic is None:
        if point.field is not None:
            report.error((*path, "field"), "there is no topic", "Write topic: too.", key=True)
    elif not point.topic or any(sign in point.topic for sign in "+#\0"):
        message = f'"{point.topic}" is no single topic'
        report.error((*path, "topic"), message, "Write it in full, without + and #.")
    elif not survey.config.brokers:
        message, remedy = "there is no broker to hear it from", "Write mqtt: {url: mqtt://HOST}."
        report.error((*path, "topic"), message, remedy, key=True)
