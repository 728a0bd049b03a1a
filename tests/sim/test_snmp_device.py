"""An agent made from its points: known objects for known values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.readers.snmp.park import point

from meterd.config.points import RowConfig
from meterd.sim.profile_device import FIRST_KWH, LOAD_KW, SERIAL
from meterd.sim.snmp_ber import Value, number, text
from meterd.sim.snmp_device import RESET, identity, objects, step

AT = "1.3.6.1.4.1.9999.1.0"

VALUES: list[tuple[str, dict[str, Any], Value]] = [
    ("active_power", {"unit": "W"}, number("gauge32", round(LOAD_KW * 1000))),
    ("active_power", {"unit": "W", "scale": "10"}, number("gauge32", 420)),
    ("energy_import", {"unit": "kWh", "scale": "0.1"}, number("gauge32", round(FIRST_KWH * 10))),
    ("energy_import", {"unit": "J"}, number("gauge32", round(FIRST_KWH * 3_600_000))),
    ("energy_import", {"unit": "J", "scale": "0.1"}, number("counter64", 36_000_000_000)),
    ("voltage", {"unit": "V", "offset": Decimal(300)}, number("integer", -70)),
    ("colour", {}, number("gauge32", 0)),
    ("serial_number", {}, text(SERIAL)),
    ("last_reset", {}, text(RESET)),
]


@pytest.mark.parametrize(("quantity", "facts", "value"), VALUES)
def test_a_value_as_the_agent_tells_it(quantity: str, facts: dict[str, Any], value: Value) -> None:
    assert objects([point(quantity, AT, **facts)], 0) == {AT: value}


def test_what_holds_powers_of_ten_says_so_many_digits_or_nothing() -> None:
    points = [
        point("voltage", f"{AT}.1", unit="V", scale_point=("digits", "unit_scale", "there")),
        point("digits", f"{AT}.2", scale="-1"),
        point("unit_scale", f"{AT}.3", scale="3", offset=Decimal(-27)),
        point("there", f"{AT}.4", offset=Decimal(-1)),
    ]
    assert objects(points, 0) == {
        f"{AT}.1": number("gauge32", 23_000),
        f"{AT}.2": number("integer", 2),
        f"{AT}.3": number("integer", 9),
        f"{AT}.4": number("integer", 1),
    }
    assert step(points[0], points) == Decimal("0.01")


def test_a_row_of_a_table_has_its_text() -> None:
    row = RowConfig(oid=f"{AT}.7", equals="db-1")
    found = objects([point("active_power", f"{AT}.8", row=row, unit="W")], 0)
    assert found == {f"{AT}.7.1": text("db-1"), f"{AT}.8.1": number("gauge32", 4200)}


def test_it_says_what_it_is_and_for_how_long() -> None:
    said = identity("Acme X1", "1.3.6.1.4.1.318", 12.34)
    assert said["1.3.6.1.2.1.1.1.0"] == text("Acme X1 (simulated)")
    assert said["1.3.6.1.2.1.1.2.0"] == Value("oid", b"\x2b\6\1\4\1\x82\x3e")
    assert said["1.3.6.1.2.1.1.3.0"] == number("timeticks", 1234)
    assert "1.3.6.1.2.1.1.2.0" not in identity("Acme X1", "", 0)
