"""BACnet: objects, properties, addresses and sockets that can be."""

from __future__ import annotations

import re
from ipaddress import IPv4Interface
from typing import Final

from meterd.config.bacnet_names import (
    INSTANCE_MAX,
    OBJECT_TYPES,
    PROPERTIES,
    object_id,
    property_id,
)
from meterd.config.connections import Bacnet
from meterd.config.findings import Path
from meterd.config.points import PointConfig
from meterd.config.report import Report

SHORTEST_MS: Final = 10_000
"""Of a registration or a subscription: it is renewed before half of it has passed."""
LONGEST_TTL_MS: Final = 65_535_000
"""A registration's time is sixteen bits of seconds."""
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?\Z")
_TREND: Final = "trend-log,"


def check_bacnet_point(report: Report, path: Path, point: PointConfig) -> None:
    """An object and a property that BACnet has."""
    for key, written in (("object", point.object), ("trend", point.trend)):
        if written is not None and object_id(written) is None:
            word = re.split(r"[,:]", written, maxsplit=1)[0]
            near = report.near(word, OBJECT_TYPES, 0.6)
            remedy = f'Did you mean "{near}"?' if near and near != word else ""
            message = f'"{written}" is no BACnet object'
            example = "trend-log,5" if key == "trend" else "analog-input,3"
            report.error((*path, key), message, remedy or f"Write it as {example}.")
    if point.property is not None and property_id(point.property) is None:
        remedy = report.guess(point.property, PROPERTIES)
        report.error((*path, "property"), f'"{point.property}" is no BACnet property', remedy)
    if point.trend is not None and object_id(point.trend) and not point.trend.startswith(_TREND):
        message = f'"{point.trend}" is no trend log'
        report.error((*path, "trend"), message, "Write it as trend-log,5.")


def check_bacnet_address(report: Report, path: Path, address: int | str) -> None:
    """A meter's address: a device's instance, or where it is."""
    text = str(address)
    if text.isascii() and text.isdecimal():
        if int(text) > INSTANCE_MAX:
            message = f"{text} is no device instance"
            report.error(path, message, f"It must be from 0 to {INSTANCE_MAX}.")
    elif not _HOST.match(text):
        remedy = "Write the device's instance, HOST, HOST:PORT or NETWORK:STATION."
        report.error(path, f'"{text}" is no BACnet address', remedy)


def check_bacnet_link(report: Report, path: Path, link: Bacnet) -> None:
    """Our own socket, and where we register."""
    if link.bind is not None and not _is_interface(link.bind):
        remedy = "Write this host's IPv4 address there, as in 10.1.0.9/24."
        report.error((*path, "bind"), f'"{link.bind}" is no address', remedy)
    if link.bbmd is not None and not _HOST.match(link.bbmd):
        report.error((*path, "bbmd"), f'"{link.bbmd}" is no address', "Write HOST or HOST:PORT.")
    for key, span_ms in (("ttl", link.ttl), ("cov_lifetime", link.cov_lifetime)):
        if not SHORTEST_MS <= span_ms <= LONGEST_TTL_MS:
            report.error((*path, key), "that is no useful time", "Write from 10s to 18h.")


def _is_interface(text: str) -> bool:
    try:
        IPv4Interface(text)
    except ValueError:
        return False
    return True
