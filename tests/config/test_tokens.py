"""Bearer tokens: what they look like, what is kept, and what may be asked of one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from meterd.config.tokens import (
    added,
    checked_digest,
    checked_name,
    checked_scope,
    digest,
    duration_ms,
    revoked,
    token_text,
)
from meterd.config.values import WrongValueError
from meterd.orders import StoredToken

TOKEN = StoredToken("grafana", digest("meterd_x"), ("read", "push:main"), 5, "anna", 9)


def test_a_token_is_its_prefix_and_all_of_its_bits() -> None:
    assert token_text(b"\0" * 32) == "meterd_" + "A" * 43
    assert token_text(b"\xff" * 32) == "meterd_" + "_" * 42 + "8"
    assert token_text(bytes(range(32))) != token_text(bytes(range(1, 33)))


def test_what_is_kept_is_the_sha256_of_the_whole() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("scope", ["read", "write", "push:main", "push:rack-12.a_b"])
def test_a_scope(scope: str) -> None:
    assert checked_scope(scope) == scope


@pytest.mark.parametrize(
    ("check", "text", "trouble"),
    [
        (checked_scope, "main", "is no scope"),
        (checked_scope, "push:", "is no scope"),
        (checked_scope, "push:a b", "is no scope"),
        (checked_scope, "push:../main", "is no scope"),
        (checked_scope, "", "is no scope"),
        (checked_name, "", "is no name of a token"),
        (checked_name, "a b", "is no name of a token"),
        (checked_name, "a\n", "is no name of a token"),
        (checked_name, "x" * 65, "is no name of a token"),
        (checked_digest, "ba78", "is no SHA-256"),
        (checked_digest, "G" * 64, "is no SHA-256"),
        (duration_ms, "90", "is no length of time"),
        (duration_ms, "0d", "is no time at all"),
    ],
)
def test_what_is_no_such_thing(check: Callable[[str], object], text: str, trouble: str) -> None:
    with pytest.raises(WrongValueError) as wrong:
        check(text)
    assert str(wrong.value) == trouble


def test_a_time_to_live() -> None:
    assert duration_ms("90d") == 90 * 86_400_000
    assert checked_name("grafana-2") == "grafana-2"
    assert checked_digest("0" * 64) == "0" * 64


def test_the_events_name_the_token_and_tell_nothing_of_it() -> None:
    made, ended = added(TOKEN), revoked(TOKEN, 7, "bob")
    assert (made.at_ms, made.actor, made.kind, made.row) == (5, "anna", "token_added", TOKEN)
    assert made.numbers == {
        "token": "grafana", "scopes": ["read", "push:main"], "expires_ms": 9,
    }  # fmt: skip
    assert (ended.at_ms, ended.actor, ended.kind) == (7, "bob", "token_revoked")
    assert ended.row.gone  # type: ignore[union-attr]  # it is the token
    assert ended.numbers == {"token": "grafana"}
