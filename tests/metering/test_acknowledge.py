"""An alarm that somebody has seen: who, since when, for how long, and what cannot be seen."""

from __future__ import annotations

from tests.metering.derived import FIVE, MINUTE, NOON, B, Site, real

from meterd.events import Event
from meterd.metering.chain import BALANCE
from meterd.metering.watches import THRESHOLDS
from meterd.orders import Acknowledged
from meterd.specs import ChainMeter, ThresholdSpec

LOADED = ThresholdSpec(rated_kw=100.0, warning_percent=80.0, critical_percent=90.0)
AT = NOON + 10 * MINUTE
SEEN = {"acknowledged": "2026-01-10T12:10:00Z", "acknowledged_by": "user ann"}
UNSEEN = {"acknowledged": None, "acknowledged_by": None}


def overloaded() -> Site:
    """A meter of which load/warning and load/critical stand."""
    site = Site(real("a", thresholds=LOADED))
    for minute in (0, 2):
        site.read("a", minute, kw=95)
    assert shown(site) == {"load/warning": UNSEEN, "load/critical": UNSEEN}
    site.journal.take()
    return site


def shown(site: Site) -> dict[str, dict[str, object]]:
    """The alarms of `a` that stand, and who has seen them."""
    alarms = site.stage.watches.shown("a") | site.stage.chain.shown("a")
    return {
        name: {key: numbers[key] for key in UNSEEN}
        for name, numbers in alarms.items()
        if numbers is not None
    }


def say(site: Site, alarm: str = "", **more: str) -> list[dict[str, object]]:
    """What is told of it."""
    site.stage.obey(Acknowledged("a", AT, "user ann", alarm, **more))
    events = [one for one in site.journal.take() if isinstance(one, Event)]
    assert all((one.at_ms, one.meter) == (AT, "a") for one in events)
    return [{"kind": one.kind, **one.numbers} for one in events]


def test_it_is_told_with_who_and_what_and_stands_all_the_same() -> None:
    site = overloaded()
    assert say(site, "load/critical", note="fan on") == [
        {
            "kind": "alarm_acknowledged", "alarm": "load", "severity": "critical",
            "since": "2026-01-10T12:00:00Z", "actor": "user ann", "note": "fan on",
        }
    ]  # fmt: skip
    assert shown(site) == {"load/warning": UNSEEN, "load/critical": SEEN}
    assert (THRESHOLDS, "a") in site.touched


def test_all_of_a_meter_or_all_of_a_name_are_meant_and_who_was_first_stays() -> None:
    site = overloaded()
    assert [one["severity"] for one in say(site, "load/warning")] == ["warning"]
    assert [one["severity"] for one in say(site, "load")] == ["critical"]
    assert say(site) == []
    assert shown(site) == {"load/warning": SEEN, "load/critical": SEEN}


def test_a_restart_knows_it() -> None:
    site = overloaded()
    say(site)
    heir = site.resumed(resumed_ms=AT + MINUTE)
    assert shown(heir) == {"load/warning": SEEN, "load/critical": SEEN}


def test_the_next_time_it_is_raised_nobody_has_seen_it() -> None:
    site = overloaded()
    say(site)
    for minute, kw in ((11, 1), (13, 1), (15, 95), (17, 95)):
        site.read("a", minute, kw=kw)
    assert shown(site) == {"load/warning": UNSEEN, "load/critical": UNSEEN}


def test_a_stale_meter_that_is_read_again_and_falls_silent_again_is_news() -> None:
    site = Site(real("a", thresholds=ThresholdSpec()))
    for minute in (0, 40):
        site.read("a", minute, 1)
        site.pass_to(NOON + round((minute + 16) * MINUTE))
        site.stage.watches.advance(NOON + round((minute + 16) * MINUTE))
        assert shown(site) == {"stale/warning": UNSEEN}
        site.journal.take()
        assert [one["alarm"] for one in say(site, "stale")] == ["stale"]


def test_energy_unaccounted_for_can_be_seen_too() -> None:
    chain = (ChainMeter("a", "utility_entrance"), ChainMeter("b", "rack_pdu", parent="a"))
    site = Site(real("a"), B, chain=chain)
    for index in range(6):
        at = index * FIVE / MINUTE
        site.read("a", at, 10 * index)
        site.read("b", at, 5 * index)
    site.settle()
    site.journal.take()
    assert [one["alarm"] for one in say(site)] == ["unaccounted_energy"]
    assert (BALANCE, "a") in site.touched
    assert shown(site) == {"unaccounted_energy/warning": SEEN}


def test_what_does_not_stand_is_refused() -> None:
    site = overloaded()
    refused = {"kind": "acknowledgement_refused", "actor": "user ann"}
    why = "a: no alarm 'voltage_low' stands"
    assert say(site, "voltage_low") == [{**refused, "alarm": "voltage_low", "why": why}]
    calm = Site(real("a"))
    assert say(calm) == [{**refused, "alarm": None, "why": "a: no alarm stands"}]
