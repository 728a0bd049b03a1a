"""A BACnet/IP device server: objects driven by whoever owns it, and faults on demand.

bacpypes3 answers; this decides what goes wrong. On loopback a client must have another port:
bacpypes3 takes every 127.x address on its own port for itself.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Final

import msgspec
from bacpypes3.apdu import AbortPDU, AbortReason, ComplexAckPDU
from bacpypes3.app import Application
from bacpypes3.basetypes import Scale, Segmentation, StatusFlags
from bacpypes3.errors import UnrecognizedService
from bacpypes3.local.analog import AnalogInputObject, AnalogValueObject
from bacpypes3.local.cov import GenericCriteria
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.local.object import Object
from bacpypes3.object import AccumulatorObject, PulseConverterObject

PORT: Final = 47_808
VENDOR: Final = 999


class Point(msgspec.Struct, kw_only=True):
    """One object. kind: analog-input, analog-value, accumulator or pulse-converter.

    units: BACnet's name of the unit, as kilowattHours. scale, most: an accumulator's scale and
    largest value. more: any other property, in bacpypes3's spelling.
    """

    kind: str
    instance: int
    name: str
    units: str
    value: float = 0
    scale: float = 1.0
    most: int = 2**32 - 1
    more: dict[str, Any] = {}


class Faults(msgspec.Struct):
    """What goes wrong, from now until it is set right.

    silent: no answer. single: no ReadPropertyMultiple. answer_bytes: the longest answer it
    can make. no_cov: it takes no subscription.
    """

    silent: bool = False
    single: bool = False
    answer_bytes: int | None = None
    no_cov: bool = False


class BacnetServer:
    """A device on one address, from `start` to `stop`.

    refresh: called before each answer, for objects that follow the time. faults: may be
    changed at any time. asked: requests so far, by service. serial: its serial number.
    """

    def __init__(self, instance: int, points: list[Point], *, serial: str = "") -> None:
        self.instance = instance
        self.serial = serial
        self.points = points
        self.faults = Faults()
        self.refresh: Callable[[], None] | None = None
        self.asked: dict[str, int] = {}
        self.objects: dict[str, Any] = {}
        self._address = ""
        self._app: _Device | None = None

    async def start(self, host: str = "127.0.0.10", port: int = PORT) -> None:
        """Listen. host may say the network's prefix, for Who-Is to all: 127.0.0.10/8.

        OSError if the port cannot be had: bacpypes3 would try for ever.
        """
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for shared in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):  # as bacpypes3 binds
                probe.setsockopt(socket.SOL_SOCKET, shared, 1)
            probe.bind((host.partition("/")[0], port))
        self._address = f"{host}:{port}"
        device = DeviceObject(
            objectIdentifier=("device", self.instance),
            objectName=f"sim-{self.instance}",
            vendorIdentifier=VENDOR,
            maxApduLengthAccepted=1476,
            segmentationSupported=Segmentation.noSegmentation,
            serialNumber=self.serial,
        )
        net = NetworkPortObject(
            self._address, objectIdentifier=("network-port", 1), objectName="port"
        )
        self.objects = {point.name: _object(point) for point in self.points}
        self._app = _Device.from_object_list([device, net, *self.objects.values()])
        self._app.server = self
        for link in self._app.link_layers.values():
            await link.server._local_transport_ready.wait()  # noqa: SLF001 - it tells no other way

    def stop(self) -> None:
        """Stop listening."""
        if self._app is not None:
            self._app.close()
            self._app = None

    async def reboot(self) -> None:
        """Forget every subscription and begin again with the points as they were given."""
        host, _, port = self._address.rpartition(":")
        self.stop()
        await self.start(host, int(port))

    def set(self, name: str, value: float) -> None:
        """A new present value; whoever has subscribed is told."""
        self.objects[name].presentValue = value

    def spoil(self, name: str, flags: tuple[int, ...] | None = None, **said: Any) -> None:
        """Status flags (None: as they follow from the rest), and any other property."""
        one = self.objects[name]
        one._forced = flags  # noqa: SLF001 - it takes no other names than properties
        for key, value in said.items():
            setattr(one, key, value)


class _Flags:
    """Status flags that may be set; bacpypes3's own follow from reliability and service."""

    _forced: tuple[int, ...] | None = None

    @property
    def statusFlags(self) -> Any:  # noqa: N802 - BACnet's name
        """In alarm, fault, overridden, out of service."""
        if self._forced is None:
            return super().statusFlags  # type: ignore[misc]  # of the object beside this
        return StatusFlags(list(self._forced))

    @statusFlags.setter
    def statusFlags(self, value: Any) -> None:  # noqa: N802 - as above
        """As bacpypes3 does: what is given at the start is ignored."""


class _Accumulator(_Flags, Object, AccumulatorObject):  # type: ignore[misc]  # no types
    """An accumulator that can be subscribed to."""

    _cov_criteria = GenericCriteria


class _PulseConverter(_Flags, Object, PulseConverterObject):  # type: ignore[misc]  # as above
    """A pulse converter that can be subscribed to."""

    _cov_criteria = GenericCriteria


class _AnalogInput(_Flags, AnalogInputObject):  # type: ignore[misc]  # as above
    """An analog input."""


class _AnalogValue(_Flags, AnalogValueObject):  # type: ignore[misc]  # as above
    """An analog value."""


_CLASSES: Final = {
    "accumulator": _Accumulator,
    "analog-input": _AnalogInput,
    "analog-value": _AnalogValue,
    "pulse-converter": _PulseConverter,
}


def _object(point: Point) -> Any:
    counts = point.kind == "accumulator"
    own: dict[str, Any] = {"covIncrement": 0.0}
    if counts:
        own = {"scale": Scale(floatScale=point.scale), "maxPresValue": point.most}
    return _CLASSES[point.kind](
        objectIdentifier=(point.kind, point.instance),
        objectName=point.name,
        units=point.units,
        presentValue=int(point.value) if counts else point.value,
        eventState="normal",
        reliability="no-fault-detected",
        outOfService=False,
        **own | point.more,
    )


class _Device(Application):  # type: ignore[misc]  # as above
    """bacpypes3's application, behind the faults of its server."""

    server: BacnetServer

    async def indication(self, apdu: Any) -> None:
        """A request: lost, or answered after the world has moved on."""
        server, faults = self.server, self.server.faults
        name = type(apdu).__name__
        server.asked[name] = server.asked.get(name, 0) + 1
        if faults.silent:
            return
        if server.refresh is not None:
            server.refresh()
        await super().indication(apdu)

    async def response(self, apdu: Any) -> None:
        """An answer, if it is not too long for this device."""
        most = self.server.faults.answer_bytes
        if most is not None and isinstance(apdu, ComplexAckPDU):
            length = len(apdu.encode().pduData)
            if length > most:
                reason = AbortReason.segmentationNotSupported
                abort = AbortPDU(True, reason=reason)
                abort.set_context(_Request(apdu))
                apdu = abort
        await super().response(apdu)

    async def do_ReadPropertyMultipleRequest(self, apdu: Any) -> None:  # noqa: N802 - its name
        """Many properties at once, if this device can."""
        if self.server.faults.single:
            raise UnrecognizedService("ReadPropertyMultiple")
        await super().do_ReadPropertyMultipleRequest(apdu)

    async def do_SubscribeCOVRequest(self, apdu: Any) -> None:  # noqa: N802 - as above
        """A subscription, if this device takes any."""
        if self.server.faults.no_cov:
            raise UnrecognizedService("SubscribeCOV")
        await super().do_SubscribeCOVRequest(apdu)


class _Request:
    """Whom an answer is for, as bacpypes3 wants to know it of the request."""

    def __init__(self, answer: Any) -> None:
        self.pduUserData = answer.pduUserData
        self.pduSource = answer.pduDestination
        self.pduNetworkPriority = answer.pduNetworkPriority
        self.apduInvokeID = answer.apduInvokeID
