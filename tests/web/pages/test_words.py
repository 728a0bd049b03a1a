"""Numbers and times as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meterd.metering.calendar import Calendar
from meterd.web.pages import words

BERLIN = Calendar("Europe/Berlin")
MIDNIGHT_MS = 1_767_222_000_000  # 2026-01-01 00:00 in Berlin


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (1234.5, 2, "1,234.50"), ("0.125", 2, "0.13"), (Decimal("-0.001"), 2, "0.00"),
        (-2, 0, "-2"), (None, 2, "–"),
    ],
)  # fmt: skip
def test_a_number_is_rounded_half_up_and_grouped(value: object, places: int, text: str) -> None:
    assert words.number(value, places) == text


def test_an_amount_has_the_places_of_its_unit() -> None:
    assert words.amount("7038.02", "kWh") == "7,038.0 kWh"
    assert words.amount(1.5, "m3") == "1.50 m³"
    assert words.amount(3, None) == "3.00"
    assert words.amount(None, "kW") == words.exact(None, "kW") == "–"
    assert words.exact("7038.020000001", "kWh") == "7,038.020000001 kWh"


def test_money_has_the_places_of_its_currency() -> None:
    assert words.money("12.345", "EUR") == "12.35 EUR"
    assert words.money("1250", "JPY") == "1,250 JPY"
    assert words.money(None, "EUR") == "–"
    assert words.money("1", None) == "1.00"


def test_times_are_the_sites() -> None:
    assert words.instant(MIDNIGHT_MS, BERLIN) == "2026-01-01 00:00:00"
    assert words.minute("2025-12-31T23:00:00Z", BERLIN) == "2026-01-01 00:00"
    assert words.minute(None, BERLIN) == words.instant(None, BERLIN) == "–"
    assert words.span("2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", BERLIN) == (
        "1 Jan – 31 Jan 2026"
    )
    assert words.span("2025-12-14T23:00:00Z", "2026-01-14T23:00:00Z", BERLIN) == (
        "15 Dec 2025 – 14 Jan 2026"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5 s ago"), (119, "119 s ago"), (180, "3 min ago"), (7_300, "2 h ago"),
     (400_000, "4 d ago"), (-9, "0 s ago")],
)  # fmt: skip
def test_how_long_ago(seconds: int, text: str) -> None:
    assert words.age(0, seconds * 1000) == text
    assert words.age(None, 0) == "never"


def test_names_become_words() -> None:
    assert words.plain("energy_import") == "Energy import"
    assert words.plain("ratedCapacityKw") == "Rated capacity kW"
    assert words.plain("ipAddress") == "IP address"
    assert words.plain("") == ""
    assert words.percent("0.125", 1) == "12.5 %"
    assert words.percent(None) == "–"
