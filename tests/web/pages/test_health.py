"""How well a meter is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.web.house import MAIN, MAIN_VIEW, NOON_MS

from meterd.web.pages.health import health

LATE_MS = NOON_MS + MAIN.silent_after_ms + 1
CASES: dict[str, tuple[dict[str, Any], int, str]] = {
    "it answers": ({}, NOON_MS + 2000, "ok"),
    "it has said nothing for long": ({}, LATE_MS, "stale"),
    "it does not answer": ({"online": False}, NOON_MS, "offline"),
    "its values are doubtful": ({"quality": "questionable"}, NOON_MS, "questionable"),
    "it has never said anything": ({"at_ms": None}, NOON_MS, "never"),
}


@pytest.mark.parametrize(("changes", "now_ms", "state"), CASES.values(), ids=CASES)
def test_a_meter_is_a_word(changes: dict[str, Any], now_ms: int, state: str) -> None:
    view = msgspec.structs.replace(MAIN_VIEW, **changes)
    found = health(MAIN, view, now_ms)
    assert (found.state, found.well) == (state, state == "ok")


@pytest.mark.parametrize(
    ("status", "state"), [("planned", "planned"), ("decommissioned", "retired")]
)
def test_what_is_not_read_is_not_sick(status: str, state: str) -> None:
    found = health(msgspec.structs.replace(MAIN, status=status), None, NOON_MS)
    assert (found.state, found.well) == (state, True)
