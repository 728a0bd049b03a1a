"""Whose a request is, by its token; and how often somebody may guess."""

from __future__ import annotations

import pytest
from tests.web.asking import Client
from tests.web.house import TOKENS, Daemon, bearer
from tests.web.people import NOW_MS

from meterd.orders import StoredToken
from meterd.web.bearer import caller, holder, scope_for
from meterd.web.failures import FAILURES_MAX

KNOWN = [*TOKENS.values()]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Bearer meterd_reader", "reader"),
        ("bearer meterd_reader", "reader"),
        ("BEARER   meterd_reader ", "reader"),
        ("Bearer meterd_writer", "writer"),
        ("Bearer meterd_old", None),
        ("Bearer meterd_unknown", None),
        ("Bearer meterd_reader2", None),
        ("Bearer METERD_READER", None),
        ("Bearer meterd_reader meterd_writer", None),
        ("Bearer meterd_reader,meterd_writer", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic meterd_reader", None),
        ("meterd_reader", None),
        ("Bearer " + "x" * 201, None),
        ("", None),
    ],
)
def test_a_header_has_one_token_that_is_good(header: str, name: str | None) -> None:
    found = holder(header, KNOWN, NOW_MS)
    assert (found and found.name) == name


def test_a_token_is_good_until_its_instant_and_not_a_moment_longer() -> None:
    assert holder("Bearer meterd_old", KNOWN, NOW_MS - 1) == TOKENS["meterd_old"]
    assert holder("Bearer meterd_old", KNOWN, NOW_MS) is None


def test_nobody_is_let_in_where_there_are_no_tokens() -> None:
    assert holder("Bearer meterd_reader", [], NOW_MS) is None
    assert holder("", [], NOW_MS) is None


@pytest.mark.parametrize(
    ("scopes", "level", "pushes"),
    [
        (("read",), 5, set()),
        (("operate",), 8, {"main", "other"}),
        (("write",), 9, {"main", "other"}),
        (("admin",), 10, {"main", "other"}),
        (("push:main",), 0, {"main"}),
        (("read", "push:main"), 5, {"main"}),
        ((), 0, set()),
    ],
)
def test_what_a_scope_is_good_for(scopes: tuple[str, ...], level: int, pushes: set[str]) -> None:
    found = caller(StoredToken("a", "", scopes, 0, ""))
    assert (found.level, found.actor, found.is_user) == (level, "token a", False)
    assert {m for m in ("main", "other") if found.may_push(m)} == pushes


def test_who_is_refused_is_told_the_smallest_scope_that_is_enough() -> None:
    asked = {0.5: "read", 1: "read", 5: "read", 7: "operate", 8: "operate", 9: "write", 10: "admin"}
    assert {need: scope_for(need) for need in asked} == asked


# -- guessing -----------------------------------------------------------------------------


async def test_a_peer_that_guesses_is_refused_even_with_a_good_token(browser: Client) -> None:
    for _ in range(FAILURES_MAX):
        answer = await browser.ask("/v1/site", headers=bearer("meterd_guess"))
        assert (answer.status, "unknown" in answer.json["detail"]) == (401, True)
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    answer = await browser.ask("/v1/site", headers=bearer("meterd_reader"))
    assert (answer.status, int(answer.headers["Retry-After"]) <= 60) == (429, True)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await browser.ask("/healthz", headers=bearer("meterd_guess"))).status == 200


async def test_good_tokens_are_no_guesses(browser: Client, daemon: Daemon) -> None:
    for _ in range(FAILURES_MAX + 1):
        assert (await browser.ask("/v1/site", headers=bearer("meterd_reader"))).status == 200
    assert daemon.used == ["reader"] * (FAILURES_MAX + 1)


async def test_what_is_wrong_with_a_token_is_told_to_nobody(browser: Client) -> None:
    answers = [
        await browser.ask("/v1/site", headers=bearer(token))
        for token in ("meterd_old", "meterd_unknown", "")
    ]
    assert len({answer.body for answer in answers}) == 1
    assert {answer.status for answer in answers} == {401}
