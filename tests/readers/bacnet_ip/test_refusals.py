"""How a refusal is told."""

from __future__ import annotations

from meterd.readers.bacnet_ip.refusals import RefusedError


def test_a_refusal_says_what_it_knows() -> None:
    assert str(RefusedError("abort", 4)) == "it cannot send an answer in parts (abort 4)"
    assert str(RefusedError("error", 32, 2)) == "the object has no such property (error 2/32)"
    assert str(RefusedError("error", 200, 2)) == "it refuses (error 2/200)"


def test_a_service_that_is_not_there() -> None:
    assert RefusedError("reject", 9).knows_no_service
    assert not RefusedError("abort", 9).knows_no_service
    assert not RefusedError("reject", 1).knows_no_service
