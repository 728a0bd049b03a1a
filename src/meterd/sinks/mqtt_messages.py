"""What MQTT says: topics and payloads, a pure function of what was committed.

Topics start at `root`, which is `<topic>/<site>`. A *fact* carries `id`, `epoch` and `seq`:
(epoch, seq) names the message, and the same `id` under a higher `seq` corrects an earlier
one. Seed objects (state, records) carry JSON numbers; bills carry exact decimal strings.
Everything keeps the time at which it happened, however late it is sent (contract section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from meterd import shapes
from meterd.billing.kind import bill_type
from meterd.events import Event, Output, PeriodClosed, RecordRow, Sample
from meterd.metering.calendar import iso
from meterd.records.life import TERMINAL
from meterd.sinks import Fact
from meterd.specs import BillSpec
from meterd.units import UNITS, canonical_unit, digits
from meterd.views import BillView, MeterView

Columns = Callable[[RecordRow], Mapping[str, Any]]
"""A meter record as seed 001's columns, in their order, ids printed 10-8-8."""

ONLINE: Final = b"online"
OFFLINE: Final = b"offline"

PLACES_MIN: Final = 3
"""Lifetime counters have at least so many decimals (contract section 8)."""
_NUMBERS: Final = msgspec.json.Encoder(decimal_format="number")
_STRINGS: Final = msgspec.json.Encoder(decimal_format="string")


class Message(NamedTuple):
    """A fact that has no number yet. body: has an `id`."""

    topic: str
    body: dict[str, Any]
    retain: bool = False


class _Closed(msgspec.Struct):
    """What we need of a closed period beside its figures."""

    terms: BillSpec


def status_topic(root: str) -> str:
    """Whether the daemon is there; also the topic of its last will."""
    return f"{root}/status"


def state_topic(root: str, meter: str) -> str:
    """The newest reading of a meter."""
    return f"{root}/meters/{meter}/state"


def availability_topic(root: str, meter: str) -> str:
    """Whether a meter answers."""
    return f"{root}/meters/{meter}/availability"


def period_topic(root: str, bill: str) -> str:
    """The open period's summary, and each period once it is closed."""
    return f"{root}/bills/{bill}/period"


def retained_topics(root: str, meters: Iterable[str], bills: Iterable[str]) -> set[str]:
    """Every topic on which a broker may keep a message of these meters and bills."""
    topics = {period_topic(root, bill) for bill in bills}
    for meter in meters:
        topics |= {state_topic(root, meter), availability_topic(root, meter)}
    return topics | {status_topic(root)}


def meter_state(view: MeterView, units: Mapping[str, str]) -> bytes | None:
    """The state of a meter, or None while it has said nothing.

    units: register -> unit, for registers whose names are the user's own. alarms: of a meter
    that is watched, those that stand.
    """
    if view.at_ms is None:
        return None
    head = {"time": iso(view.at_ms), "quality": view.quality}
    known = {name: value for name, value in view.fields.items() if value is not None}
    # A quantity that has a field's name is that field; a name of the site's own hides no head.
    state: dict[str, Any] = {**head, **known, **view.quantities, **head}
    for register, amount in view.totals.items():
        unit = canonical_unit(register) or units.get(register)
        if unit is not None:
            state[register] = msgspec.Raw(digits(amount, UNITS[unit], PLACES_MIN).encode())
    if view.alarms:
        state["alarms"] = shapes.alarms(view)
    return _NUMBERS.encode(state)


def open_period(view: BillView) -> bytes | None:
    """The summary of a bill's newest period, or None before its first."""
    periods = view.body.get("periods")
    if not periods:
        return None
    head = {"bill": view.bill, "type": view.body["type"], "unit": view.body["unit"]}
    return _STRINGS.encode(head | periods[-1])


def currency_of(view: BillView) -> str:
    """What a bill's newest period is paid in; "" where it has no cost."""
    periods = view.body.get("periods")
    cost = periods[-1].get("cost") if periods else None
    return str(cost["currency"]) if cost else ""


def messages(root: str, outputs: Sequence[Output], columns: Columns) -> list[Message]:
    """The facts among `outputs`, in their order."""
    found = (_message(root, output, columns) for output in outputs)
    return [message for message in found if message is not None]


def numbered(found: Sequence[Message], first_seq: int, epoch: str) -> list[Fact]:
    """Facts with their numbers, from `first_seq` on, without holes."""
    facts = []
    for seq, message in enumerate(found, first_seq):
        head = {"id": message.body["id"], "epoch": epoch, "seq": seq}
        payload = _STRINGS.encode(head | message.body | head)
        facts.append(Fact(seq, message.topic, payload, message.retain))
    return facts


def _message(root: str, output: Output, columns: Columns) -> Message | None:
    """One output as a message, or None if it is no fact."""
    if isinstance(output, Event):
        return Message(f"{root}/events", shapes.event(output))
    if isinstance(output, Sample):
        return Message(f"{root}/bills/{output.bill}/sample", _sample(output))
    if isinstance(output, PeriodClosed):
        return Message(period_topic(root, output.bill), _closed(output), retain=True)
    if isinstance(output, RecordRow) and output.status in TERMINAL:
        return Message(f"{root}/records/{output.configuration}", dict(columns(output)))
    return None


def _sample(sample: Sample) -> dict[str, Any]:
    """The same source, bill and interval have the same id; a higher seq corrects them."""
    body = shapes.sample(sample)
    source = f"{body['meter']}/{sample.kind}"
    if sample.interval.phase:
        source += f"/{sample.interval.phase}"
    return {"id": f"{sample.bill}/{source}/{body['start']}", **body}


def _closed(period: PeriodClosed) -> dict[str, Any]:
    """A closed period under the keys that an open one has."""
    terms = msgspec.json.decode(period.body, type=_Closed).terms
    unit = bill_type(terms.type).unit(terms)
    head = {"id": f"{period.bill}/{iso(period.start_ms)}", "bill": period.bill}
    return head | {"type": terms.type, "unit": unit} | shapes.closed_period(period)
