"""The kernel's records of edges: counts that lose nothing, and rates from their spacing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.readers.pulses import record

from meterd.readers.edges import Edges, Lines, Spacing

SECOND_NS = 1_000_000_000


def test_every_line_is_counted_by_its_own_numbers() -> None:
    lines = Lines((4, 17))
    lines.take(record(4, 1, 10) + record(17, 1, 11) + record(4, 2, 12) + record(9, 1, 13))
    assert [(e.count, e.at_ns, e.unseen) for e in lines.by_number.values()] == [
        (2, 12, 0), (1, 11, 0),
    ]  # fmt: skip


def test_what_a_full_queue_has_dropped_is_counted_all_the_same() -> None:
    lines = Lines((4,))
    lines.take(record(4, 1_000, 5))
    lines.take(record(4, 1_016, 9))
    edges = lines.by_number[4]
    assert (edges.count, edges.unseen) == (1_016, 999 + 15)


def test_the_kernels_number_wraps_after_32_bits() -> None:
    edges = Edges()
    edges.take(1, 2**32 - 1)
    edges.take(2, 1)
    assert edges.count == 2**32 + 1


def test_bytes_may_come_in_any_pieces() -> None:
    lines = Lines((4,))
    data = record(4, 1, 10) + record(4, 2, 20)
    for start in range(0, len(data), 7):
        lines.take(data[start : start + 7])
    assert (lines.by_number[4].count, lines.by_number[4].at_ns) == (2, 20)


DAY = """
    count at_s silent_ms  per_s
    0     0    9000       -
    1     1    10         -
    1     1    5000       -
    3     5    10         1/2
    3     5    2000       1/2
    3     5    4000       1/4
    3     5    3600000    1/3600
    4     9    10         1/4
    5     9    10         1/4
    6     11   0          1/2
"""


def test_the_rate_is_that_of_the_spacing_and_falls_while_none_comes() -> None:
    spacing, edges = Spacing(), Edges()
    for row in DAY.strip().splitlines()[1:]:
        count, at_s, silent_ms, expected = row.split()
        edges.count, edges.at_ns = int(count), int(at_s) * SECOND_NS
        told = spacing.per_s(edges, int(silent_ms))
        assert told == (None if expected == "-" else Fraction(expected)), row


@pytest.mark.parametrize("silent_ms", [-5, 0])
def test_a_clock_that_does_not_move_bounds_nothing(silent_ms: int) -> None:
    spacing, edges = Spacing(), Edges()
    edges.take(SECOND_NS, 1)
    assert spacing.per_s(edges, 1) is None
    edges.take(2 * SECOND_NS, 2)
    assert spacing.per_s(edges, silent_ms) == 1
