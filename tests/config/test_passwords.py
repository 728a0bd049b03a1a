"""Passwords against their hashes."""

from __future__ import annotations

import pytest

from meterd.config.passwords import DECOY, checked_password, hashed, matches, outdated
from meterd.config.values import WrongValueError

KEPT = hashed("correct horse")


@pytest.mark.parametrize(
    ("kept", "password", "good"),
    [
        (KEPT, "correct horse", True),
        (KEPT, "correct horse ", False),
        (KEPT, "", False),
        (KEPT, "x" * 257, False),
        ("", "correct horse", False),
        ("", "", False),
        (DECOY, "", False),
        ("nonsense", "correct horse", False),
        (KEPT, "\udcff", False),
    ],
    ids=range(9),  # a hash has another salt in every process
)
def test_a_password_matches_its_own_hash_alone(kept: str, password: str, good: bool) -> None:
    assert matches(kept, password) is good


def test_it_is_the_same_however_it_is_typed() -> None:
    assert matches(hashed("cafe\u0301 ﬁn"), "caf\u00e9 fin")


def test_every_hash_has_its_own_salt_and_todays_work_factor() -> None:
    again = hashed("correct horse")
    assert again != KEPT
    assert again.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not outdated(again)
    assert outdated(again.replace("m=19456,t=2", "m=8,t=1"))


@pytest.mark.parametrize("text", ["short", "x" * 257, ""])
def test_what_is_no_password_is_not_repeated(text: str) -> None:
    with pytest.raises(WrongValueError) as wrong:
        checked_password(text)
    assert not text or text not in f"{wrong.value} {wrong.value.remedy}"
    assert checked_password("x" * 8) == "x" * 8
