"""How often somebody may guess, and who is told apart."""

from __future__ import annotations

import pytest

from meterd.web.failures import FAILURES_MAX, PEERS_MAX, WINDOW_MS, Failures, network_of
from meterd.web.problems import Problem


def refused(failures: Failures, peer: str, now_ms: int) -> str | None:
    """How many seconds a peer is told to wait, if it is refused."""
    try:
        failures.expect_few(peer, now_ms)
    except Problem as problem:
        return problem.headers["Retry-After"] if problem.status == 429 else str(problem.status)
    return None


def test_who_guesses_too_often_has_to_wait() -> None:
    failures = Failures("guesses")
    last = [failures.note("a", n) for n in range(FAILURES_MAX)]
    assert last == [False] * (FAILURES_MAX - 1) + [True]
    assert refused(failures, "a", 10) == "60"
    assert refused(failures, "a", WINDOW_MS - 1) == "1"
    assert refused(failures, "b", 10) is None, "others do not wait with it"
    assert failures.refused == 2
    assert refused(failures, "a", WINDOW_MS) is None
    assert not failures.note("a", WINDOW_MS), "it begins anew"


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    failures = Failures("guesses")
    for _ in range(FAILURES_MAX):
        failures.note("a", WINDOW_MS)
    assert refused(failures, "a", WINDOW_MS - 1) is None


def test_only_so_many_peers_are_remembered() -> None:
    failures = Failures("guesses")
    for number in range(PEERS_MAX + 1):
        for _ in range(FAILURES_MAX):
            failures.note(f"10.0.{number}", number)
    assert refused(failures, "10.0.0", PEERS_MAX) is None, "the oldest is forgotten"
    assert refused(failures, "10.0.1", PEERS_MAX) is not None
    assert refused(failures, f"10.0.{PEERS_MAX}", PEERS_MAX) is not None


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_whoever_has_one_address_of_ipv6_has_its_network(peer: str, network: str) -> None:
    assert network_of(peer) == network
