"""From connections and meters to the BACnet devices that are read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

from meterd.config.bacnet_names import object_id, property_id
from meterd.config.connections import Bacnet
from meterd.config.meters import MeterConfig
from meterd.config.models import Config
from meterd.config.points import UNREAD
from meterd.config.registers import transformers
from meterd.units import canonical_unit

ObjectId = tuple[int, int]
"""(type, instance)."""
PRESENT_VALUE: Final = 85


class BacnetPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A property of an object in a BACnet device.

    scale: declared, None for the object's own (an accumulator's) or 1. times: transformer
    ratios. unit: declared, "" for the object's own. dial: neither its modulus nor its
    resolution is declared, so an accumulator's own are good. cov: the object is subscribed
    to. trend: the trend log that holds its past.
    """

    quantity: str
    oid: ObjectId
    number: int = PRESENT_VALUE
    scale: Decimal | None = None
    offset: Decimal = Decimal(0)
    times: Fraction = Fraction(1)
    unit: str = ""
    cov: bool = False
    trend: ObjectId | None = None


class BacnetDevice(msgspec.Struct, frozen=True, kw_only=True):
    """One BACnet device. address: its instance, or where it is, as the file has it."""

    meter: str
    address: str
    points: tuple[BacnetPoint, ...]
    every_ms: int = 10_000


class BacnetLink(msgspec.Struct, frozen=True, kw_only=True):
    """Our own socket, and the devices that are asked through it.

    bind: our address and its network's prefix, "" for any. bbmd: where we register as a
    foreign device, "" for nowhere. ttl_s: for so long. lifetime_s: of a subscription.
    """

    name: str
    bind: str = ""
    port: int = 47_808
    timeout_ms: int = 3_000
    bbmd: str = ""
    ttl_s: int = 300
    lifetime_s: int = 300
    devices: tuple[BacnetDevice, ...] = ()

    @property
    def protocol(self) -> str:
        """The word that the file has as `protocol:`, and its reader's name."""
        return "bacnet"


def bacnet_links(config: Config) -> tuple[BacnetLink, ...]:
    """Every BACnet connection that has a meter to read, in the file's order.

    Only for a configuration without errors.
    """
    found = [
        bacnet_link(config, name, link)
        for name, link in config.connections.items()
        if isinstance(link, Bacnet)
    ]
    return tuple(link for link in found if link.devices)


def bacnet_link(config: Config, name: str, link: Bacnet) -> BacnetLink:
    """One connection, with all that is read over it."""
    return BacnetLink(
        name=name,
        bind=link.bind or "",
        port=link.port,
        timeout_ms=link.timeout,
        bbmd=link.bbmd or "",
        ttl_s=link.ttl // 1000,
        lifetime_s=link.cov_lifetime // 1000,
        devices=tuple(
            _device(meter, link)
            for meter in config.meters
            if meter.connection == name and meter.status not in UNREAD
        ),
    )


def _device(meter: MeterConfig, link: Bacnet) -> BacnetDevice:
    return BacnetDevice(
        meter=meter.name,
        address=str(meter.address),
        points=tuple(_point(meter, quantity, link) for quantity in meter.points),
        every_ms=meter.every,
    )


def _point(meter: MeterConfig, quantity: str, link: Bacnet) -> BacnetPoint:
    point = meter.points[quantity]
    oid, number = object_id(point.object or ""), property_id(point.property or "present-value")
    assert oid is not None, quantity
    assert number is not None, quantity
    return BacnetPoint(
        quantity=quantity,
        oid=oid,
        number=number,
        scale=point.scale,
        offset=point.offset or Decimal(0),
        times=transformers(meter, quantity, point.unit or canonical_unit(quantity) or ""),
        unit=point.unit or "",
        cov=link.cov if point.cov is None else point.cov,
        trend=None if point.trend is None else object_id(point.trend),
    )
