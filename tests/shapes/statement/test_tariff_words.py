"""A tariff's terms, as a tenant reads them."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.billing.tariffs.written import demand_rate, hours, rate, tariff

from meterd.shapes.statement.tariff_words import hours as said
from meterd.shapes.statement.tariff_words import tariff_in_words
from meterd.tariff import (
    Amount,
    DemandRate,
    Export,
    PowerFactor,
    Ratchet,
    TariffSpec,
    Tax,
    Tier,
)

PEAK = hours({"months": "6-9", "days": "mon-fri", "hours": "14-20"}, None)
BASE = "Jan-May,Oct-Dec at any time; Jun-Sep Mon-Fri 0-14+20-24, Sat-holidays all day"
LEAST = "no less than 80 % of the peaks of 11 months before"


def words(spec: TariffSpec) -> list[str]:
    """As it is stored, and read again."""
    text = msgspec.json.Encoder(decimal_format="string").encode((spec,))
    return tariff_in_words(msgspec.json.decode(text))


def test_all_that_a_tariff_says_is_said() -> None:
    ratchet = Ratchet((Decimal(80),) * 12, 11, Decimal(5))
    spec = tariff(
        rate("0.34", name="peak"), rate("1000 0.21", "0.17", name="base"), schedule=PEAK,
        fixed=(Amount(Decimal(45)),), minimum=(Amount(Decimal(60), "year"),),
        demand=(
            demand_rate("6.40", ratchet=ratchet),
            demand_rate("0.1", "daily", quantity="kvar", daily=True),
        ),
        taxes=(Tax("VAT", Decimal(19)), Tax("levy", per_kwh=Decimal("0.02"))),
        holidays=(date(2026, 12, 25),), valid_from=date(2026, 1, 1),
        export=Export(Decimal("0.08"), "hour"), fuel=(Decimal("0.01"),) * 12,
        power_factor=PowerFactor("scale_demand", Decimal("0.9")),
    )  # fmt: skip
    assert words(spec) == [
        "Tariff t, in EUR, rounded half up, from 2026-01-01 on.",
        "Fixed: 45 per month.",
        "At least 60 per year.",
        "Energy, peak: 0.34 per kWh; Jun-Sep Mon-Fri 14-20.",
        f"Energy, base: 0.21 per kWh up to 1000 kWh, 0.17 per kWh; {BASE}.",
        "Tiers count all energy of the period, each rate with its share.",
        f"Demand, demand: 6.40 per kW, over 15 minutes; at any time; {LEAST}, nor than 5 kW.",
        "Demand, daily: 0.1 per kvar of each day, over 15 minutes; at any time.",
        "Demand in kW is scaled up where the power factor is below 0.9.",
        "Exported energy: 0.08 per kWh; set off within each hour.",
        "Fuel adjustment per kWh, by the month: 0.01.",
        "Holidays: 2026-12-25.",
        "VAT: 19 %.",
        "levy: 0.02 per kWh.",
    ]


def test_the_other_ways_of_saying_it() -> None:
    rolling = DemandRate(
        "d", (Tier(Decimal(2)),), 1_800_000, 300_000, "kva", ratchet=Ratchet((Decimal(80),), 11)
    )
    spec = tariff(
        rate("1 0.2", "0.1"), series="spot", demand=(rolling,), chronological=True,
        export=Export(), power_factor=PowerFactor("excess_reactive", rate=Decimal("0.01")),
    )  # fmt: skip
    assert words(spec)[2:] == [
        "Tiers count all energy of the period, in the order of time.",
        "Energy by the prices of spot, as they were stored.",
        f"Demand, d: 2 per kVA, over 30 minutes, anew every 5 minutes; at any time; {LEAST}.",
        "Reactive energy above 0.0000 kvarh per kWh: 0.01 per kvarh.",
        "Exported energy: at the tiers' own rates; paid as it is measured.",
    ]


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ({"days": "sat,sun,holiday"}, "Sat-holidays all day"),
        ({"days": "mon,wed", "hours": "7-9,17-20"}, "Mon,Wed 7-9+17-20"),
        ({"hours": "22-6"}, "0-6+22-24"),
        ({"months": "12"}, "Dec at any time"),
    ],
)
def test_hours_are_read_from_the_schedule(when: dict[str, Any], text: str) -> None:
    assert said(hours(when), 0) == text
    assert said(hours(when), 7) == "never"


def test_what_is_no_tariff_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        tariff_in_words([{"name": 1}])


def test_a_plain_tariff_is_said_in_two_sentences() -> None:
    assert words(tariff(rate("0.3"), demand=(demand_rate("1"),))) == [
        "Tariff t, in EUR, rounded half up.",
        "Energy, energy: 0.3 per kWh; at any time.",
        "Demand, demand: 1 per kW, over 15 minutes; at any time.",
    ]
    assert len(words(tariff())) == 1
