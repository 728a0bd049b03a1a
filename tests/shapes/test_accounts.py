"""Users, roles and grants as they are told: everything but what would let somebody in."""

from __future__ import annotations

from tests.stores.made import NOON_MS, accounts

from meterd import shapes
from meterd.config.accounts import Accounts
from meterd.orders import StoredUser

ALL = Accounts().after(accounts())
NOON = "2026-01-01T12:00:00Z"


def test_a_user_is_told_without_the_password() -> None:
    told = shapes.user(ALL, ALL.users["tom"])
    assert told == {
        "name": "tom",
        "level": 5,
        "roles": ["tenants", "staff"],
        "grants": [],
        "password": True,
        "created": told["created"],
        "created_by": "anna",
        "modified": told["modified"],
        "modified_by": "anna",
        "last_seen": told["created"],
    }
    assert "argon2" not in str(told)


def test_a_user_who_never_came_was_never_seen() -> None:
    told = shapes.user(Accounts(), StoredUser("tim", "", 1, (), NOON_MS, "anna"))
    assert (told["last_seen"], told["modified"], told["password"]) == (None, None, False)


def test_a_role_tells_who_has_it_and_what_it_shows() -> None:
    told = shapes.role(ALL, ALL.roles["tenants"])
    assert (told["users"], told["grants"]) == (["tom"], ["tenant-a"])


def test_a_grant_shows_nothing_from_its_end_on() -> None:
    (grant,) = ALL.grants.values()
    assert shapes.grant(grant, NOON_MS + 8)["expired"] is False
    assert shapes.grant(grant, NOON_MS + 9)["expired"] is True
    assert shapes.grant(grant, NOON_MS)["role"] == "tenants"
