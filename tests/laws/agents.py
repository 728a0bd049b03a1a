"""The small world's SNMP agents: true datagrams, and what befalls them.

Each device is an agent of its own: what it measures is one object, how long it has been up
another. A datagram is lost, late, doubled, of another's, refused or noise, or nobody is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tests.laws.plant import LIES, NO_UPTIME, Device, Outside
from tests.laws.wires import DELAY_S, Datagrams

from meterd.config.secret import Secret
from meterd.config.snmp import SnmpDevice, SnmpLink, SnmpLogin, SnmpPoint
from meterd.sim.snmp_agent import SYS_UP_TIME, Asked, Fault, SnmpAgent
from meterd.sim.snmp_ber import Value, number, oid

PORT: Final = 161
DATAGRAMS: Final = ("silent", "foreign", "noise", "refusal", "hangup")
"""What may befall its datagrams."""
TIMEOUT_MS: Final = 1_000
AWAY_MS: Final = 100_000
"""A network that says that nobody is there says otherwise within so long."""
MEASURED: Final = "1.3.6.1.4.1.318.1.1.12.1.16.0"
ABSENT: Final = Value("no_such_object", b"")
COMMUNITY: Final = "public"


def _device(name: str, device: Device, every_ms: int) -> SnmpDevice:
    quantity, scale = device.measures
    point = SnmpPoint(quantity=quantity, oid=MEASURED, scale=scale)
    return SnmpDevice(meter=name, host=name, port=PORT, points=(point,), every_ms=every_ms)


class _Carrier:
    """Brings answers to who has asked."""

    def send(self, data: bytes, address: Any) -> None:
        asyncio.get_running_loop().call_later(DELAY_S, address.arrive, data)


class Agents:
    """Answers for devices."""

    def __init__(self, devices: Mapping[str, Device], outside: Outside) -> None:
        self._host, self._befalls, self._chance = outside
        self._devices = devices
        self._away_ms = 0
        self._agents = {name: SnmpAgent({}, community=COMMUNITY) for name in devices}
        for name, agent in self._agents.items():
            agent.answer_through(_Carrier())
            agent.misbehave = partial(self._asked, name)

    def link(self, every_ms: int) -> SnmpLink:
        """How they are asked, so often."""
        login = SnmpLogin(community=Secret(COMMUNITY))
        devices = tuple(_device(name, one, every_ms) for name, one in self._devices.items())
        return SnmpLink(name="agents", login=login, timeout_ms=TIMEOUT_MS, devices=devices)

    def hear(self, host: str, datagram: bytes, sender: Datagrams) -> None:
        """A datagram for one of them arrives."""
        if self._host.true_ms() < self._away_ms:
            sender.nobody()
        else:
            self._agents[host].answer(datagram, sender)

    def _asked(self, name: str, asked: Asked) -> Fault | None:
        """Let the device show what it has now, and something befall the datagram."""
        device, agent = self._devices[name], self._agents[name]
        device.live(self._host.true_ms())
        if oid(MEASURED) in asked.oids:
            said = device.say(self._befalls(LIES))
            kind = "integer" if device.register is None else "counter64"
            agent.set(MEASURED, ABSENT if said is None else number(kind, said))
        if name not in NO_UPTIME:
            agent.objects[SYS_UP_TIME] = number("timeticks", int(device.up_s) * 100)
        fault = self._befalls(DATAGRAMS)
        return self._fault(fault) if fault else None

    def _fault(self, name: str) -> Fault:
        chance = self._chance
        if name == "silent":
            late = Fault(delay_ms=chance.randrange(4 * TIMEOUT_MS))
            return chance.choice((Fault(silent=True), late))
        if name == "foreign":
            other = Fault(request_id=chance.choice((-1, 1))), Fault(community=b"other")
            return chance.choice((*other, Fault(version=0), Fault(type=0xA0), Fault(twice=True)))
        if name == "noise":
            noise = chance.randbytes(chance.randrange(1, 60))
            cut, some = Fault(null=True), Fault(partial=chance.randrange(2))
            return chance.choice((Fault(raw=noise), Fault(before=noise), cut, some))
        if name == "refusal":
            return Fault(error=chance.choice((1, 2, 3, 5, 13, 16)), index=chance.randrange(3))
        self._away_ms = self._host.true_ms() + chance.randrange(AWAY_MS)
        return Fault(silent=True)
