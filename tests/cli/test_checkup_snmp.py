"""What the doctor says of the clocks of agents."""

from __future__ import annotations

import pytest

from meterd.cli.checkup_snmp import BOOTS_MAX, WRAP, verdicts
from meterd.readers.snmp.clocks import Watched

SEEN: dict[str, tuple[Watched, bool | None]] = {
    "went on 1.00 s in 1.00 s": (Watched("a", (500, 600), 1000), True),
    "went on 1.01 s in 1.00 s": (Watched("a", (WRAP - 50, 51), 1000), True),
    "it wraps in 0.0 days, which is no restart": (
        Watched("a", (WRAP - 200, WRAP - 100), 1000),
        True,
    ),
    "stands still": (Watched("a", (500, 500), 1000), False),
    "went on 0.10 s in 1.00 s": (Watched("a", (500, 510), 1000), False),
    "went on 10.00 s in 1.00 s": (Watched("a", (500, 1500), 1000), False),
    "it restarted just now": (Watched("a", (500_000, 12), 1000), False),
    "no sysUpTime": (Watched("a", (None, None), 1000), None),
    "does not answer": (Watched("a", failure="a does not answer"), False),
}


@pytest.mark.parametrize(("what", "case"), SEEN.items(), ids=SEEN.keys())
def test_a_clock_that_was_watched(what: str, case: tuple[Watched, bool | None]) -> None:
    (check,) = verdicts([case[0]])
    assert what in check.what
    assert check.ok is case[1]
    assert bool(check.remedy) == (check.ok is not True)


def test_copies_of_an_engine_and_boots_that_are_used_up_are_told() -> None:
    sound = Watched("a", (1, 101), 1000, engine_id=b"E")
    checks = list(
        verdicts(
            [
                sound,
                sound._replace(place="b"),
                sound._replace(place="c", engine_id=b"F", boots=BOOTS_MAX),
            ]
        )
    )
    assert [(check.subject, check.ok) for check in checks] == [
        ("a", True), ("b", True), ("b", False), ("c", True), ("c", False),
    ]  # fmt: skip
    assert "is that of a" in checks[2].what
    assert "boots are used up" in checks[4].what
