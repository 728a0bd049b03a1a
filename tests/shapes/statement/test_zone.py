"""Daylight-saving rules in the bits of ESPI."""

from __future__ import annotations

import pytest
from tests.billing.site import JANUARY

from meterd.metering.calendar import Calendar
from meterd.shapes.statement.zone import NO_RULE, Dst, dst


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("America/New_York", Dst("360E2000", "B40E2000", 3600, -18_000)),
        ("Europe/Berlin", Dst("3E0E2000", "AE0E3000", 3600, 3600)),
        ("Australia/Lord_Howe", Dst("A40E2000", "440E2000", 1800, 37_800)),
        ("Asia/Kolkata", Dst(NO_RULE, NO_RULE, 0, 19_800)),
        ("UTC", Dst(NO_RULE, NO_RULE, 0, 0)),
    ],
)
def test_the_rules_of_a_year(zone: str, rules: Dst) -> None:
    """The first pair is the one that the standard itself gives for the United States."""
    assert dst(Calendar(zone), JANUARY) == rules
