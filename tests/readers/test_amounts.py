"""Values whose power of ten stands elsewhere in the same device."""

from __future__ import annotations

import pytest

from meterd.config.snmp import SnmpPoint
from meterd.readers.amounts import Scaled, empty

POWER = SnmpPoint(quantity="active_power", oid="1.3", unit="W", scale_point=("scale", "digits"))


@pytest.mark.parametrize(
    ("held", "kilowatts"),
    [
        ({"scale": -3.0, "digits": -2.0}, 1.23456),
        ({"scale": 3.0, "digits": 0.0}, 123_456_000),
        ({"scale": -3.0}, None),
        ({"digits": 0.0}, None),
        ({"scale": 15.0, "digits": 6.0}, None),
        ({"scale": 0.5, "digits": 0.0}, None),
    ],
)
def test_powers_of_ten_add_up_and_all_of_them_must_be_there(
    held: dict[str, float], kilowatts: float | None
) -> None:
    out = empty()
    out.raws["active_power"] = 123_456_000
    out.gauges.update(held)
    Scaled((POWER,)).finish(out)
    assert out.gauges.get("active_power") == kilowatts
