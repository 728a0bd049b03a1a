"""Logins: how many there may be, and which end for a new one."""

from __future__ import annotations

import pytest

from meterd.config import logins
from meterd.config.accounts import Accounts
from meterd.config.logins import (
    IDLE_MS,
    LIFE_MS,
    SESSIONS_OF_USER_MAX,
    csrf_of,
    is_csrf,
    logged_in,
    logged_out,
    new_session,
    stands,
)
from meterd.orders import StoredSession

NOW_MS = 10 * LIFE_MS


def session(number: int, user: str = "tom", at_ms: int = NOW_MS) -> StoredSession:
    return new_session(f"{number:064}", user, "password", at_ms)


def ended(found: Accounts, new: StoredSession) -> set[int]:
    rows = logged_in(found, new, "10.0.0.7").also
    return {int(row.sha256) for row in rows if isinstance(row, StoredSession)}


def test_a_login_stands_while_it_is_used_and_young() -> None:
    one = session(1)
    assert stands(one, NOW_MS)
    assert stands(one, NOW_MS + IDLE_MS - 1)
    assert not stands(one, NOW_MS + IDLE_MS)
    used = StoredSession("", "tom", "oidc", 0, LIFE_MS - 1, LIFE_MS)
    assert stands(used, LIFE_MS - 1)
    assert not stands(used, LIFE_MS)


def test_what_has_run_out_ends_with_the_next_login_of_anybody() -> None:
    found = Accounts().after([session(1, at_ms=NOW_MS - IDLE_MS), session(2)])
    assert ended(found, session(3, "anna")) == {1}


def test_a_user_has_only_so_many_logins() -> None:
    many = [session(n, at_ms=NOW_MS - 1000 + n) for n in range(SESSIONS_OF_USER_MAX)]
    others = [session(100 + n, "anna", NOW_MS - 5000) for n in range(3)]
    assert ended(Accounts().after([*many[1:], *others]), session(99)) == set()
    assert ended(Accounts().after([*many, *others]), session(99)) == {0}


def test_all_users_together_have_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "SESSIONS_MAX", 3)
    found = Accounts().after(session(n, f"u{n}", NOW_MS - 10 + n) for n in range(3))
    assert ended(found, session(9)) == {0}


def test_the_end_of_several_is_one_event() -> None:
    item = logged_out([session(1), session(2)], (NOW_MS, "user tom"))
    assert (item.kind, item.numbers) == ("logged_out", {"user": "tom", "sessions": 2})
    rows = [item.row, *item.also]
    assert [getattr(row, "gone", False) for row in rows] == [True, True]


def test_the_word_of_a_login_is_its_own() -> None:
    word = csrf_of("a")
    assert (len(word), word != csrf_of("b"), word != "a") == (32, True, True)
    assert is_csrf(word, csrf_of("a"))
    assert not is_csrf("", word)
    assert not is_csrf("\udcff", word)
