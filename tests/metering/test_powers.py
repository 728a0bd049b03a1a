"""The powers of a meter that become energy, and those that are above what it can carry."""

from __future__ import annotations

from typing import Any

import pytest
from tests.metering.living import KWH, MINUTE, NOON, kinds, spec

from meterd.events import Event, Reading
from meterd.metering.integrate import PowerState
from meterd.metering.interval import Key, Track, TrackState
from meterd.metering.journal import Journal
from meterd.metering.powers import POWERS, Powers, believed
from meterd.specs import MeterSpec

SIX_KW = {"active_power": 6.0}
VOLTS_AND_AMPERES = {"voltage": 230.0, "current": 10.0, "power_factor": 0.9}
PHASES = {"active_power_l1": 6.0, "active_power_l2": 3.0, "active_power_l3": -12.0}


def reading(minute: float, **gauges: float) -> Reading:
    return Reading("m", NOON + round(minute * MINUTE), {}, gauges)


class Followed:
    """The powers of a meter, and what they have booked: "energy_import/integrated/" -> kWh."""

    def __init__(self, meter: MeterSpec, states: dict[str, PowerState] | None = None) -> None:
        self.states = {} if states is None else states
        self.tracks: list[str] = []
        self.powers = Powers(meter, self.states, self._track)

    def _track(self, key: Key) -> Track:
        self.tracks.append("/".join(key))
        return Track("m", key, TrackState())

    def read(self, minute: float, **gauges: float) -> dict[str, float]:
        booked = self.powers.bookings(reading(minute, **gauges), gauges)
        return {"/".join(track.key): booking.amount / KWH for track, booking in booked}

    def events(self, minute: float, **gauges: float) -> set[str]:
        """What shaped the bookings of a reading."""
        booked = self.powers.bookings(reading(minute, **gauges), gauges)
        return {booking.event for _track, booking in booked}


# settings of the meter, its gauges all the time -> kWh of ten minutes by track
TEN_MINUTES: dict[str, tuple[dict[str, Any], dict[str, float], dict[str, float]]] = {
    "nothing, where no power is followed": ({}, SIX_KW | VOLTS_AND_AMPERES, {}),
    "power": (
        {"integrate": True}, SIX_KW,
        {"energy_import/integrated/": 1, "energy_export/integrated/": 0},
    ),
    "negative power": (
        {"integrate": True}, {"active_power": -3.0},
        {"energy_import/integrated/": 0, "energy_export/integrated/": 0.5},
    ),
    "each phase on its own, and not their sum": (
        {"integrate_phases": ("l1", "l3")}, PHASES | {"active_power": -3.0},
        {
            "energy_import/integrated/l1": 1, "energy_export/integrated/l1": 0,
            "energy_import/integrated/l3": 0, "energy_export/integrated/l3": 2,
        },
    ),
    "volts and amperes": (
        {"estimate": ("",)}, VOLTS_AND_AMPERES | SIX_KW,
        {"energy_import/estimated/": 0.345, "energy_export/estimated/": 0},
    ),
    "volts and amperes of one phase": (
        {"estimate": ("l2",)}, {"voltage_l2": 240.0, "current_l2": 25.0, "power_factor": 0.5},
        {"energy_import/estimated/l2": 0.5, "energy_export/estimated/l2": 0},
    ),
    "power and an estimate beside it": (
        {"integrate": True, "estimate": ("",)}, SIX_KW | VOLTS_AND_AMPERES,
        {
            "energy_import/integrated/": 1, "energy_export/integrated/": 0,
            "energy_import/estimated/": 0.345, "energy_export/estimated/": 0,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "gauges", "kwh"), TEN_MINUTES.values(), ids=TEN_MINUTES.keys()
)
def test_ten_minutes_become_energy(
    settings: dict[str, Any], gauges: dict[str, float], kwh: dict[str, float]
) -> None:
    followed = Followed(spec(**settings))
    assert followed.read(0, **gauges) == dict.fromkeys(kwh, 0), "of the first nothing is known"
    assert followed.read(10, **gauges) == kwh
    assert followed.tracks == list(kwh), "a track is made for each, read or not"


def test_a_power_that_was_not_read_books_nothing_and_is_made_good_by_the_next() -> None:
    followed = Followed(spec(integrate=True, integrate_phases=("l1",), estimate=("",)))
    followed.read(0, active_power=6)
    assert followed.read(5, voltage=230) == {}
    assert followed.read(10, active_power=6)["energy_import/integrated/"] == 1


def test_the_same_instant_again_books_nothing() -> None:
    followed = Followed(spec(integrate=True))
    followed.read(0, **SIX_KW)
    assert followed.read(0, **SIX_KW) == {}


def test_an_estimate_above_the_ceiling_is_no_power() -> None:
    followed = Followed(spec(estimate=("",), power_ceiling_kw=2.3))
    at_it = {"voltage": 230.0, "current": 10.0, "power_factor": 1.0}
    followed.read(0, **at_it)
    assert followed.read(5, **at_it | {"current": 10.1}) == {}
    assert followed.read(5, **at_it | {"current": -10.1}) == {}
    assert followed.read(6, **at_it)["energy_import/estimated/"] == 0.23


def test_it_is_told_where_a_power_factor_was_assumed_and_only_there() -> None:
    followed = Followed(spec(estimate=("",)))
    assumed = {"voltage": 230.0, "current": 10.0}
    followed.read(0, **assumed)
    assert followed.events(1, **assumed) == {"pf_assumed"}
    assert followed.events(2, **assumed, power_factor=0.9) == {""}
    mixed = Followed(spec(integrate=True, estimate=("",)))
    mixed.read(0, **SIX_KW | assumed)
    booked = mixed.powers.bookings(reading(1), SIX_KW | assumed)
    assert [(track.key[1], booking.event) for track, booking in booked] == [
        ("integrated", ""), ("integrated", ""),
        ("estimated", "pf_assumed"), ("estimated", "pf_assumed"),
    ]  # fmt: skip


def test_each_power_goes_on_from_its_own_state() -> None:
    meter = spec(integrate=True, integrate_phases=("l1",), estimate=("", "l1"))
    before = Followed(meter)
    before.read(0, **SIX_KW, active_power_l1=12.0)
    assert list(before.states) == ["integrated/", "integrated/l1", "estimated/", "estimated/l1"]
    after = Followed(meter, before.states).read(10, **SIX_KW, active_power_l1=12.0)
    assert after["energy_import/integrated/"] == 1
    assert after["energy_import/integrated/l1"] == 2


# -- the ceiling ----------------------------------------------------------------------------


class Judged:
    """A meter of fifty kilowatts, the powers that are refused, and what was said of them."""

    def __init__(self) -> None:
        self.journal = Journal(str)
        self.refused: tuple[str, ...] = ()

    def read(self, minute: float, **gauges: float) -> dict[str, float]:
        one, meter = reading(minute, **gauges), spec(power_ceiling_kw=50.0)
        shown, self.refused = believed(one, meter, self.refused, self.journal)
        return shown


@pytest.mark.parametrize("kw", [0.0, 50.0, -50.0, 49.999])
def test_a_power_up_to_the_ceiling_is_believed_either_way(kw: float) -> None:
    judged = Judged()
    assert judged.read(0, active_power=kw, voltage=230) == {"active_power": kw, "voltage": 230}
    assert (judged.refused, judged.journal.outputs) == ((), [])


@pytest.mark.parametrize(
    ("kw", "said"),
    [(50.0001, "50.0001"), (-50.001, "-50.001"), (1234567.8, "1234567.8"), (1e22, "1" + "0" * 22),
     (float("inf"), "inf"), (float("nan"), "nan")],
)  # fmt: skip
@pytest.mark.parametrize("name", POWERS)
def test_a_power_above_it_is_refused_and_all_else_stays(name: str, kw: float, said: str) -> None:
    judged = Judged()
    assert judged.read(0, **{name: kw, "voltage": 230}) == {"voltage": 230}
    assert judged.refused == (name,)
    (event,) = judged.journal.take()
    assert isinstance(event, Event)
    assert (event.at_ms, event.kind, event.meter, event.quantity) == (
        NOON, "out_of_range", "m", name,
    )  # fmt: skip
    assert event.numbers == {"value": said, "ceiling": "50", "unit": "kW"}


def test_what_is_no_active_power_has_no_ceiling_here() -> None:
    judged = Judged()
    gauges = {"apparent_power": 99.0, "reactive_power": 99.0, "voltage": 230.0}
    assert judged.read(0, **gauges) == gauges


def test_a_refusal_is_said_once_and_again_after_it_was_good() -> None:
    judged, said = Judged(), []
    for minute, kw in enumerate([60.0, 61.0, None, 62.0, 10.0, 63.0]):
        judged.read(minute, **({} if kw is None else {"active_power": kw}))
        said.append(kinds(judged.journal.take()))
    assert said == [["out_of_range"], [], [], [], [], ["out_of_range"]]


def test_one_that_is_good_again_leaves_the_others_refused() -> None:
    judged = Judged()
    judged.read(0, active_power_l1=60, active_power_l2=60, active_power_l3=60)
    assert list(judged.refused) == list(POWERS[1:])
    assert judged.read(1, active_power_l2=6, active_power_l3=60) == {"active_power_l2": 6}
    assert list(judged.refused) == ["active_power_l1", "active_power_l3"]
    assert kinds(judged.journal.take()) == ["out_of_range"] * 3


def test_the_reading_itself_stays_as_it_was_sent() -> None:
    one = reading(0, active_power=60.0)
    gauges, _refused = believed(one, spec(power_ceiling_kw=50.0), (), Journal(str))
    assert (gauges, one.gauges) == ({}, {"active_power": 60.0})
