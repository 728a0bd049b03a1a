"""One Sparkplug edge node: which messages a site's meters make. Pure; the sink carries them.

The daemon is the node and every meter a device. A device is born with everything it is known
to read, then tells only what changed; what it turns out to read later makes it born again. A
silent meter dies. Births name metrics and number them, data gives the numbers alone.
Source: Eclipse Sparkplug 3.0, sections 4 (topics), 5 (births, deaths) and 6.4 (payloads).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Final, NamedTuple

import msgspec

from meterd.sinks.sparkplug_metrics import Told, told
from meterd.sinks.sparkplug_payload import (
    BOOLEAN,
    INT64,
    STRING,
    Metric,
    PayloadError,
    commands,
    death,
    payload,
)
from meterd.specs import MeterSpec
from meterd.views import MeterView

NAMESPACE: Final = "spBv1.0"
REBIRTH: Final = "Node Control/Rebirth"
_NUMBERS: Final = 256
"""seq and bdSeq count from 0 to 255 and begin again."""


class Said(NamedTuple):
    """A message, to be published once and kept by nobody."""

    topic: str
    payload: bytes


class Node:
    """The node as one broker knows it. Births come first on every connection.

    bd_seq: number of the connection, the same in its birth and its death.
    """

    def __init__(self, group: str, name: str, version: str) -> None:
        self.bd_seq = _NUMBERS - 1
        self._group, self._name, self._version = group, name, version
        self._seq = 0
        self._aliases: dict[tuple[str, str], int] = {}
        self._numbers = count(1)
        self._born: dict[str, dict[str, Told | None]] = {}

    def topic(self, kind: str, device: str = "") -> str:
        """Where a kind of message goes: of the node, or of a device."""
        end = f"/{device}" if device else ""
        return f"{NAMESPACE}/{self._group}/{kind}/{self._name}{end}"

    def connect(self) -> None:
        """The next connection begins: its death comes before its birth."""
        self.bd_seq = (self.bd_seq + 1) % _NUMBERS
        self._born.clear()

    def death(self, now_ms: int) -> Said:
        """What says that this connection has ended: its will, and its last words."""
        return Said(self.topic("NDEATH"), death(self.bd_seq, now_ms))

    def birth(self, now_ms: int) -> Said:
        """The node itself. Every device must be born again after it."""
        self._born.clear()
        self._seq = _NUMBERS - 1
        metrics = [
            Metric("bdSeq", 0, INT64, self.bd_seq, now_ms),
            Metric(REBIRTH, 0, BOOLEAN, False, now_ms),
            Metric("Properties/Software", 0, STRING, "meterd", now_ms),
            Metric("Properties/Version", 0, STRING, self._version, now_ms),
        ]
        return self._said("NBIRTH", "", now_ms, metrics)

    def device(self, view: MeterView, spec: MeterSpec, now_ms: int) -> Said | None:
        """What there is to say of a meter now, None if nothing is new."""
        if not view.online or view.at_ms is None:
            return self.gone(view.meter, now_ms)
        now, before = told(view, spec), self._born.get(view.meter)
        if before is None or not before.keys() >= now.keys():
            known: dict[str, Told | None] = {**dict.fromkeys(before or ()), **now}
            return self._birth_of(view, known, now_ms)
        changed = {name: now.get(name) for name in before if now.get(name) != before[name]}
        if not changed:
            return None
        metrics = list(self._metrics(view, changed, before))
        before.update(changed)
        return self._said("DDATA", view.meter, now_ms, metrics)

    def gone(self, meter: str, now_ms: int) -> Said | None:
        """The meter is silent or no more; None if it was not born."""
        if self._born.pop(meter, None) is None:
            return None
        return self._said("DDEATH", meter, now_ms, ())

    def is_rebirth(self, topic: str, body: bytes) -> bool:
        """Whether a host application asks for all births again. Other commands are none."""
        if topic != self.topic("NCMD"):
            return False
        try:
            asked = commands(body)
        except PayloadError:
            return False
        return any(one.name == REBIRTH and one.value is True for one in asked)

    def _birth_of(self, view: MeterView, known: dict[str, Told | None], now_ms: int) -> Said:
        self._born[view.meter] = known
        metrics = list(self._metrics(view, known, known))
        return self._said("DBIRTH", view.meter, now_ms, metrics)

    def _metrics(
        self, view: MeterView, values: Mapping[str, Told | None], kinds: Mapping[str, Told | None]
    ) -> Iterable[Metric]:
        """kinds: what a value was before, for the type of one that is not known now."""
        assert view.at_ms is not None, "a device is born by its first reading"
        for name, value in values.items():
            one = value or kinds.get(name) or Told(STRING, "")
            number = self._alias(view.meter, name)
            amount = None if value is None else value.value
            yield Metric(name, number, one.datatype, amount, view.at_ms, one.unit)

    def _alias(self, meter: str, name: str) -> int:
        key = (meter, name)
        if key not in self._aliases:
            self._aliases[key] = next(self._numbers)
        return self._aliases[key]

    def _said(self, kind: str, device: str, now_ms: int, metrics: Iterable[Metric]) -> Said:
        self._seq = (self._seq + 1) % _NUMBERS
        body = payload(now_ms, self._seq, list(metrics), birth=kind.endswith("BIRTH"))
        return Said(self.topic(kind, device), body)


class _State(msgspec.Struct):
    online: bool
    timestamp: int


class PrimaryHost:
    """The one application without which nothing is told, if there is such a one.

    Source: Sparkplug 3.0, section 5.4: a state older than the newest known does not count.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.online = not name
        self._since_ms = 0

    @property
    def topic(self) -> str:
        """Where it says whether it is there."""
        return f"{NAMESPACE}/STATE/{self.name}"

    def connect(self) -> None:
        """Nothing is known of it on a new connection."""
        self.online, self._since_ms = not self.name, 0

    def hear(self, topic: str, body: bytes) -> None:
        """Take a message, which may be of anything."""
        if not self.name or topic != self.topic:
            return
        try:
            state = msgspec.json.decode(body, type=_State)
        except msgspec.DecodeError:
            return
        if state.timestamp >= self._since_ms:
            self.online, self._since_ms = state.online, state.timestamp
