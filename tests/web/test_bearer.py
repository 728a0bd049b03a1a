"""Whose a request is, by its token; and how often somebody may guess."""

from __future__ import annotations

import pytest
from tests.web.house import NOW_MS, TOKENS, Client, Daemon, bearer

from meterd.web.bearer import FAILURES_MAX, PEERS_MAX, WINDOW_MS, Caller, Failures, holder
from meterd.web.problems import Problem

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
    ("scopes", "may"),
    [
        (("read",), {"read"}),
        (("write",), {"read", "write", "push:main", "push:other"}),
        (("push:main",), {"push:main"}),
        (("read", "push:main"), {"read", "push:main"}),
        ((), set()),
    ],
)
def test_what_a_scope_is_good_for(scopes: tuple[str, ...], may: set[str]) -> None:
    caller = Caller("a", scopes)
    asked = {"read", "write", "push:main", "push:other"}
    assert {scope for scope in asked if caller.may(scope)} == may
    assert {m for m in ("main", "other") if caller.may_push(m)} == {
        scope.removeprefix("push:") for scope in may if scope.startswith("push:")
    }
    assert caller.pushes is any(scope.startswith("push:") for scope in may)
    assert caller.actor == "token a"


# -- guessing -----------------------------------------------------------------------------


def refused(failures: Failures, peer: str, now_ms: int) -> str | None:
    """How many seconds a peer is told to wait, if it is refused."""
    try:
        failures.expect_few(peer, now_ms)
    except Problem as problem:
        return problem.headers["Retry-After"] if problem.status == 429 else str(problem.status)
    return None


def test_who_guesses_too_often_has_to_wait() -> None:
    failures = Failures()
    last = [failures.note("a", n) for n in range(FAILURES_MAX)]
    assert last == [False] * (FAILURES_MAX - 1) + [True]
    assert refused(failures, "a", 10) == "60"
    assert refused(failures, "a", WINDOW_MS - 1) == "1"
    assert refused(failures, "b", 10) is None, "others do not wait with it"
    assert failures.refused == 2
    assert refused(failures, "a", WINDOW_MS) is None
    assert not failures.note("a", WINDOW_MS), "it begins anew"


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    failures = Failures()
    for _ in range(FAILURES_MAX):
        failures.note("a", WINDOW_MS)
    assert refused(failures, "a", WINDOW_MS - 1) is None


def test_only_so_many_peers_are_remembered() -> None:
    failures = Failures()
    for number in range(PEERS_MAX + 1):
        for _ in range(FAILURES_MAX):
            failures.note(f"10.0.{number}", number)
    assert refused(failures, "10.0.0", PEERS_MAX) is None, "the oldest is forgotten"
    assert refused(failures, "10.0.1", PEERS_MAX) is not None
    assert refused(failures, f"10.0.{PEERS_MAX}", PEERS_MAX) is not None


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
