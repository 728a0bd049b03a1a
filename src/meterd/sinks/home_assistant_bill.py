"""The entities of a bill: what is used, what it comes to, and what it costs.

Every figure is one of the open period, in exact decimal strings. Each entity is available
while its own figure is known, so that none keeps the last period's projection or shows
`unknown` until the first demand window is full.
"""

from __future__ import annotations

from typing import Any, Final

from meterd.billing.kind import bill_type
from meterd.sinks.home_assistant_meter import Components, sensor
from meterd.sinks.home_assistant_sensors import TOTAL, Kind, expected, money, percent, used
from meterd.specs import BillSpec

_BEGAN: Final = "{{ value_json.start }}"
_COST: Final = "cost.total"


def bill_sensors(bill: BillSpec, topic: str, status: str, currency: str = "") -> Components:
    """Entities by key. topic: of its period. status: of the daemon. currency: of its period,
    "" where that is not known: then what it will be."""
    unit = bill_type(bill.type).unit(bill)
    found = {
        "used": _figure("Used", "used", used(unit)),
        "projection": _figure("Projection", "projection", expected(unit)),
        "peak": _figure("Peak demand", "peak", used(_demand_unit(bill))),
    }
    if bill.allowance is not None:
        found["overage"] = _figure("Overage", "overage", used(unit))
    if bill.allowance:
        found["percent"] = _figure("Allowance used", "percent", percent())
    if bill.tariff or any(source.rate_per_kwh is not None for source in bill.sources):
        own = bill.tariff[-1].currency if bill.tariff else bill.currency
        found["cost"] = _figure("Cost", _COST, money(currency or own))
    for key, one in found.items():
        known = {"topic": topic, "value_template": _known(_COST if key == "cost" else key)}
        one["availability"] = [{"topic": status}, known]
        one["availability_mode"] = "all"
    return found


def _figure(name: str, field: str, kind: Kind) -> dict[str, Any]:
    template = f"{{{{ value_json.{field} if {_is_known(field)} else '' }}}}"
    began = {"last_reset_value_template": _BEGAN} if kind.state_class == TOTAL else {}
    return sensor(name, kind, template) | began


def _known(field: str) -> str:
    return f"{{{{ 'online' if {_is_known(field)} else 'offline' }}}}"


def _is_known(field: str) -> str:
    """Whether a figure is there; `cost` itself may be null."""
    return "value_json.cost" if field == _COST else f"value_json.{field} is string"


def _demand_unit(bill: BillSpec) -> str:
    return "kVA" if bill.demand.quantity == "kva" else "kW"
