"""Our engine as agents meet it: who it is, what it refuses by name, what it confirms."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from meterd.config.connections import SnmpAuth, SnmpPrivacy
from meterd.config.secret import Secret
from meterd.config.snmp import SnmpLogin
from meterd.readers.snmp import pdu as pdus
from meterd.readers.snmp.ber import BerError, oid
from meterd.readers.snmp.engine import BOOTS_FROM_S, Engine, Start, engine_id, wants_an_answer
from meterd.readers.snmp.messages import ForeignError, ReportedError
from meterd.readers.snmp.usm import Usm

OWN = engine_id("host", "pdus")
STARTED = Start((BOOTS_FROM_S + 1_000) * 1000, 50_000)
WHAT = pdus.saying([pdus.Varbind(oid("1.3.6.1.2.1.1.3.0"), 0x43, b"\5")])
INFORM = pdus.pdu(pdus.INFORM, 77, WHAT)
PASSWORD = Secret("authentic-pass")
LOGIN = SnmpLogin(
    version="3",
    user="meter",
    auth=SnmpAuth("sha256", PASSWORD),
    privacy=SnmpPrivacy("aes128", PASSWORD),
)


def engine(**login: Any) -> Engine:
    return Engine(msgspec.structs.replace(LOGIN, **login), random.Random(1), OWN, STARTED)


def sender(**login: Any) -> Usm:
    """An agent that has not met the engine yet."""
    return Usm(msgspec.structs.replace(LOGIN, **login), random.Random(2))


def meet(agent: Usm, ours: Engine, now_ms: int = 51_000) -> None:
    """The agent asks who is there, and is told."""
    told = ours.inform(agent.probe(1), now_ms)
    assert (told.told, told.reason) == (False, "")
    with pytest.raises(ReportedError, match="unknownEngineIDs"):
        agent.open(told.reply, now_ms)


def test_an_agent_that_asks_learns_the_engine_and_its_inform_is_confirmed() -> None:
    ours, agent = engine(), sender()
    meet(agent, ours)
    assert (agent.engine_id, agent.boots) == (OWN, 1_000)
    told = ours.inform(agent.seal(INFORM, 60_000), 60_000)
    assert (told.told, told.reason) == (True, "")
    assert b"\x2b\x06\x01\x02\x01\x01\x03\x00" not in told.reply, "it is encrypted"
    answer = agent.open(told.reply, 60_000)
    assert (answer.type, answer.request_id) == (pdus.RESPONSE, 77)
    assert pdus.saying(answer.varbinds) == WHAT


def test_the_answer_is_in_the_context_that_was_asked_in() -> None:
    ours, agent = engine(auth=None, privacy=None), sender(auth=None, privacy=None, context="room")
    meet(agent, ours)
    assert b"\x04\x04room" in ours.inform(agent.seal(INFORM, 60_000), 60_000).reply


def refused(agent: Usm, ours: Engine, datagram: bytes, now_ms: int = 60_000) -> str:
    told = ours.inform(datagram, now_ms)
    assert not told.told
    with pytest.raises(ReportedError) as report:
        agent.open(told.reply, now_ms)
    assert told.reason == report.value.name
    return told.reason


def test_what_is_wrong_is_reported_by_its_name() -> None:
    ours = engine()
    wrong: dict[str, dict[str, Any]] = {
        "unknownUserNames": {"user": "somebody"},
        "unsupportedSecLevels": {"auth": None, "privacy": None},
        "wrongDigests": {"auth": SnmpAuth("sha256", Secret("another-pass"))},
    }
    for name, login in wrong.items():
        agent = sender(**login)
        meet(agent, ours)
        assert refused(agent, ours, agent.seal(INFORM, 60_000)) == name
    agent = sender()
    meet(agent, engine_of("other"))
    assert refused(agent, ours, agent.seal(INFORM, 60_000)) == "unknownEngineIDs"


def engine_of(name: str) -> Engine:
    return Engine(LOGIN, random.Random(1), engine_id(name), STARTED)


def test_an_old_inform_is_out_of_time_and_the_right_time_is_told_with_a_proof() -> None:
    ours, agent = engine(), sender()
    meet(agent, ours)
    old = agent.seal(INFORM, 60_000)
    assert refused(agent, ours, old, 300_000) == "notInTimeWindows"
    assert ours.inform(agent.seal(INFORM, 300_000), 300_000).told
    again = Engine(LOGIN, random.Random(1), OWN, Start(STARTED.at_ms + 5_000, 0))
    assert refused(agent, again, agent.seal(INFORM, 300_000), 300_000) == "notInTimeWindows"
    assert agent.boots == 1_005


def test_what_is_no_inform_or_no_message_is_no_ones() -> None:
    ours, agent = engine(), sender()
    meet(agent, ours)
    with pytest.raises(ForeignError, match="pdu_type"):
        ours.inform(agent.seal(pdus.pdu(pdus.GET, 5, WHAT), 60_000), 60_000)
    with pytest.raises(BerError):
        ours.inform(b"\x30\x02\x02", 60_000)
    assert wants_an_answer(agent.seal(INFORM, 60_000))
    assert not wants_an_answer(b"\x30\x02\x02")


def test_ids_differ_between_hosts_and_are_no_longer_than_they_may() -> None:
    assert engine_id("host", "pdus") == OWN != engine_id("hostpdus")
    assert 5 <= len(OWN) <= 32


@pytest.mark.parametrize(("at_s", "boots"), [(0, 1), (BOOTS_FROM_S + 7, 7), (1 << 33, 2**31 - 2)])
def test_boots_are_the_seconds_of_the_clock_within_their_range(at_s: int, boots: int) -> None:
    assert Engine(LOGIN, random.Random(1), OWN, Start(at_s * 1000, 0)).boots == boots
