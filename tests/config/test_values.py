"""Single values: what is understood, and what is out of all sense."""

from __future__ import annotations

from fractions import Fraction

import pytest

from meterd.config.values import READERS, WrongValueError, duration_text, ratio_of

DURATIONS = {
    "0s": 0,
    "500ms": 500,
    "10s": 10_000,
    "5m": 300_000,
    "1h": 3_600_000,
    "7d": 604_800_000,
    "400d": 34_560_000_000,
}


@pytest.mark.parametrize("text", DURATIONS)
def test_a_duration_is_milliseconds_and_is_written_back_as_it_was(text: str) -> None:
    assert READERS["duration"](text) == DURATIONS[text]
    assert duration_text(DURATIONS[text]) == {"0s": "0d", "7d": "7d"}.get(text, text)


@pytest.mark.parametrize("text", ["10", "10 s", "1.5h", "1h30m", "s", "-5m", "5M", "", 10])
def test_no_duration(text: str | int) -> None:
    with pytest.raises(WrongValueError):
        READERS["duration"](text)


def test_a_ratio_is_exact() -> None:
    assert ratio_of("400:5") == 80
    assert ratio_of("20000:110") == Fraction(2000, 11)
    assert ratio_of("0.5:1") == Fraction(1, 2)
    assert ratio_of(None) == 1
