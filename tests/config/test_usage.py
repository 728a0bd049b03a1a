"""One counter of one meter, or an expression."""

from __future__ import annotations

import pytest

from meterd.config.usage import Usage, parse_usage

NAMES = {"main", "rack-12", "a.x-b", "7up"}

USAGES = {
    "main.energy_import": Usage("main", "energy_import"),
    " main.volume ": Usage("main", "volume"),
    "rack-12.energy_import": Usage("rack-12", "energy_import"),
    "gone-1.energy_import": Usage("gone-1", "energy_import"),
    "7up.count": Usage("7up", "count"),
    "a.x-b.volume": Usage("a.x-b", "volume"),
    'meter("rack-12").energy_import': Usage("rack-12", "energy_import"),
    "meter('a.x-b').volume": Usage("a.x-b", "volume"),
    'meter("gone").volume': Usage("gone", "volume"),
    "main.x-main.y": None,
    "main.volume - rack.volume": None,
    "main.volume * 2": None,
    "main": None,
    "": None,
    "2": None,
}


@pytest.mark.parametrize("text", USAGES)
def test_a_usage(text: str) -> None:
    assert parse_usage(text, NAMES) == USAGES[text]
