"""What is announced to a broker, and when: only what it lacks, and before everything else."""

from __future__ import annotations

import msgspec
import pytest

from meterd.sinks.home_assistant import Device
from meterd.sinks.mqtt_announcer import ANSWER_MS, BIRTH_WAIT_MS, Announcer

BIRTHS = "homeassistant/status"


def device(name: str, *keys: str) -> Device:
    sensor = msgspec.Raw(b'{"name":"A","platform":"sensor"}')
    return Device(f"{name}/config", {"origin": {}}, dict.fromkeys(keys, sensor))


ONE, TWO = device("one", "a"), device("two", "a")


@pytest.fixture
def announcer() -> Announcer:
    """Of two devices, on a connection that has just begun at 0 ms."""
    found = Announcer(BIRTHS)
    found.announce([ONE, TWO])
    assert found.connected(0) == [ONE.topic, TWO.topic, BIRTHS]
    return found


def told(announcer: Announcer) -> list[tuple[str, bytes]]:
    return [announcer.states.take() for _ in range(100) if announcer.states]


def test_a_broker_that_has_nothing_is_told_everything_once_it_had_time_to_answer(
    announcer: Announcer,
) -> None:
    assert announcer.settle(ANSWER_MS - 1) == []
    assert (announcer.settled, told(announcer)) == (False, [])
    assert announcer.rest_ms(500) == ANSWER_MS - 500
    assert announcer.settle(ANSWER_MS) == [ONE.topic, TWO.topic]
    assert announcer.settled
    assert told(announcer) == [(one.topic, one.payload()) for one in (ONE, TWO)]
    assert (announcer.rest_ms(ANSWER_MS), announcer.settle(ANSWER_MS)) == (0, [])


def test_a_broker_that_has_everything_is_told_nothing_and_nobody_waits(
    announcer: Announcer,
) -> None:
    for one in (ONE, TWO):
        announcer.hear(one.topic, one.payload(), True)
    assert announcer.settle(1) == [ONE.topic, TWO.topic]
    assert told(announcer) == []


def test_a_broker_is_told_what_it_has_otherwise(announcer: Announcer) -> None:
    announcer.hear(ONE.topic, ONE.payload(), True)
    announcer.hear(TWO.topic, device("two", "b").payload(), True)
    announcer.hear("three/config", b"{}", True)
    announcer.settle(1)
    ((topic, payload),) = told(announcer)
    assert (topic, payload) == (TWO.topic, TWO.payload(device("two", "b").payload()))
    assert b'"b":{"platform":"sensor"}' in payload, "its entity is taken away"


def test_what_changes_is_told_at_once_and_what_does_not_is_not(announcer: Announcer) -> None:
    announcer.settle(ANSWER_MS)
    told(announcer)
    more = device("two", "a", "b")
    announcer.announce([ONE, more])
    assert told(announcer) == [(TWO.topic, more.payload())]
    announcer.announce([ONE, more])
    assert told(announcer) == []


def test_one_device_is_revised_and_the_others_stay(announcer: Announcer) -> None:
    more = device("two", "a", "b")
    announcer.revise([more])
    assert told(announcer) == [], "nobody knows yet what the broker has"
    announcer.settle(ANSWER_MS)
    assert told(announcer) == [(ONE.topic, ONE.payload()), (TWO.topic, more.payload())]
    announcer.revise([TWO])
    assert told(announcer) == [(TWO.topic, TWO.payload(more.payload()))]
    assert announcer.topics() == [ONE.topic, TWO.topic]


def test_a_device_that_left_and_comes_back_is_told_again(announcer: Announcer) -> None:
    announcer.settle(ANSWER_MS)
    announcer.announce([ONE])
    announcer.states.clear([TWO.topic])
    assert announcer.topics() == [ONE.topic]
    assert told(announcer)[-1] == (TWO.topic, b"")
    announcer.announce([ONE, TWO])
    assert told(announcer) == [(TWO.topic, TWO.payload())]


def test_what_is_still_to_be_emptied_is_emptied_on_the_next_connection(
    announcer: Announcer,
) -> None:
    announcer.states.clear(["gone/config"])
    told(announcer)
    announcer.connected(0)
    assert told(announcer) == [("gone/config", b"")]


def test_another_broker_is_asked_anew(announcer: Announcer) -> None:
    for one in (ONE, TWO):
        announcer.hear(one.topic, one.payload(), True)
    announcer.settle(1)
    announcer.connected(10_000)
    assert not announcer.settled
    announcer.settle(10_000 + ANSWER_MS)
    assert len(told(announcer)) == 2


def test_a_birth_has_everything_told_again_after_a_while(announcer: Announcer) -> None:
    announcer.settle(ANSWER_MS)
    told(announcer)
    now_ms = ANSWER_MS
    assert not announcer.reborn(now_ms, 0.5)
    announcer.hear(BIRTHS, b"online", False)
    assert not announcer.reborn(now_ms, 0.5)
    announcer.hear(BIRTHS, b"online", False)
    assert not announcer.reborn(now_ms + 1, 0.9), "two births are told of once"
    assert announcer.rest_ms(now_ms) == BIRTH_WAIT_MS // 2
    now_ms += BIRTH_WAIT_MS // 2
    assert announcer.reborn(now_ms, 0.0)
    assert [topic for topic, _ in told(announcer)] == [ONE.topic, TWO.topic]
    assert not announcer.reborn(now_ms, 0.0)


@pytest.mark.parametrize(("payload", "retained"), [(b"offline", False), (b"online", True)])
def test_no_birth(announcer: Announcer, payload: bytes, retained: bool) -> None:
    announcer.settle(ANSWER_MS)
    announcer.hear(BIRTHS, payload, retained)
    assert not announcer.reborn(ANSWER_MS + BIRTH_WAIT_MS, 0.0)


def test_a_birth_while_the_broker_is_asked_waits_for_its_answer(announcer: Announcer) -> None:
    announcer.hear(BIRTHS, b"online", False)
    assert not announcer.reborn(0, 0.0)
    announcer.settle(ANSWER_MS)
    assert announcer.reborn(ANSWER_MS, 0.0)


def test_without_home_assistant_nobody_is_asked_and_nobody_waits() -> None:
    announcer = Announcer()
    assert announcer.connected(0) == []
    assert announcer.settled
    assert (announcer.settle(1), announcer.reborn(1, 0.0), announcer.rest_ms(1)) == ([], False, 0)
