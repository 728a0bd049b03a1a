"""A token as the operator sees it: never the token."""

from __future__ import annotations

import pytest

from meterd import shapes
from meterd.orders import StoredToken

NOON_MS = 1_767_268_800_000  # 2026-01-01T12:00:00Z
TOKEN = StoredToken("grafana", "f" * 64, ("read",), NOON_MS, "anna", NOON_MS + 1000, NOON_MS + 1)


def test_a_token_tells_nothing_of_itself() -> None:
    assert shapes.token(TOKEN, NOON_MS) == {
        "name": "grafana", "scopes": ["read"], "created": "2026-01-01T12:00:00Z",
        "created_by": "anna", "expires": "2026-01-01T12:00:01Z", "expired": False,
        "last_used": "2026-01-01T12:00:00.001Z",
    }  # fmt: skip


@pytest.mark.parametrize(("after_ms", "expired"), [(999, False), (1000, True), (1001, True)])
def test_a_token_expires_at_its_instant(after_ms: int, expired: bool) -> None:
    assert shapes.token(TOKEN, NOON_MS + after_ms)["expired"] is expired


def test_a_token_that_stays_good_and_was_never_used() -> None:
    shown = shapes.token(StoredToken("a", "f" * 64, ("write",), 0, "anna"), NOON_MS)
    assert (shown["expires"], shown["expired"], shown["last_used"]) == (None, False, None)
