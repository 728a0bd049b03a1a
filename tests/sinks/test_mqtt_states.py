"""The newest value per topic, bounded by the number of topics."""

from __future__ import annotations

import pytest

from meterd.sinks.mqtt_states import States


def taken(states: States) -> list[tuple[str, bytes]]:
    said = []
    while states:
        said.append(states.take())
    return said


def test_only_the_newest_value_is_told_and_the_others_are_counted() -> None:
    states = States()
    for n in range(1000):
        states.put("power", str(n).encode())
    assert states.dropped == 999
    assert taken(states) == [("power", b"999")]
    assert states.dropped == 999


def test_a_value_that_is_already_known_is_not_told_again() -> None:
    states = States()
    states.put("a", b"1")
    taken(states)
    states.put("a", b"1")
    assert not states
    assert states.dropped == 0


def test_topics_are_told_in_the_order_in_which_they_were_first_put() -> None:
    states = States()
    for topic, payload in [("a", b"1"), ("b", b"1"), ("a", b"2")]:
        states.put(topic, payload)
    assert taken(states) == [("a", b"2"), ("b", b"1")]


def test_a_meter_that_returns_is_online_only_after_its_state() -> None:
    states = States()
    states.put("availability", b"offline", last=True)
    states.put("state", b"1")
    states.put("availability", b"online", last=True)
    assert taken(states) == [("state", b"1"), ("availability", b"online")]
    states.all_again()
    assert taken(states) == [("state", b"1"), ("availability", b"online")]


def test_one_topic_can_be_told_again_if_it_is_known() -> None:
    states = States()
    states.put("a", b"1")
    taken(states)
    states.again("a")
    states.again("unknown")
    assert taken(states) == [("a", b"1")]


def test_a_forgotten_topic_is_not_told() -> None:
    states = States()
    states.put("a", b"1")
    states.forget("a")
    states.forget("unknown")
    states.all_again()
    assert not states
    assert "a" not in states


def test_a_topic_is_cleared_until_the_broker_has_confirmed_it() -> None:
    states = States()
    states.put("a", b"1")
    states.clear(["a", "b"])
    assert states.clearing() == {"a", "b"}
    assert "a" not in states
    assert taken(states) == [("a", b""), ("b", b"")]
    states.all_again()
    assert taken(states) == [("a", b""), ("b", b"")]
    states.cleared("a")
    assert states.clearing() == {"b"}


def test_a_topic_that_is_used_again_is_not_forgotten_with_its_clearing() -> None:
    states = States()
    states.clear(["a"])
    taken(states)
    states.put("a", b"2")
    states.cleared("a")
    assert taken(states) == [("a", b"2")]
    assert "a" in states


def test_taking_from_nothing_is_an_error() -> None:
    with pytest.raises(KeyError, match="no state waits"):
        States().take()
