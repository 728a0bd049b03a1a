"""Topics that are heard at a broker: asked for once a connection, and as they change."""

from __future__ import annotations

from meterd.sinks.mqtt_inbound import Inbound


def test_a_broker_is_asked_for_what_is_wanted_and_not_yet_asked_for() -> None:
    inbound = Inbound(lambda *_: None)
    assert inbound.settle() == ([], [])
    inbound.listen(["b", "a"], lambda *_: None)
    assert inbound.settle() == (["a", "b"], [])
    assert inbound.settle() == ([], [])
    inbound.listen(["c", "b"], lambda *_: None)
    assert inbound.settle() == (["c"], ["a"])
    inbound.connected()
    assert inbound.settle() == (["b", "c"], [])


def test_what_is_wanted_is_heard_but_for_what_the_broker_kept() -> None:
    passed: list[str] = []
    heard: list[tuple[str, bytes]] = []
    inbound = Inbound(lambda topic, _payload, _retained: passed.append(topic))
    inbound.hear("a", b"0", False)
    inbound.listen(["a"], lambda *told: heard.append(told))
    inbound.hear("a", b"1", False)
    inbound.hear("a", b"2", True)
    inbound.hear("b", b"3", False)
    assert heard == [("a", b"1")]
    assert passed == ["a", "a", "a", "b"]
