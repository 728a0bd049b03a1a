"""What an expression takes of the meters now: texts, gauges, totals; nothing of a silent one."""

from __future__ import annotations

from fractions import Fraction

from tests.metering.derived import A, B, Site, real

from meterd.events import GOOD, QUESTIONABLE
from meterd.metering.expression import Expression
from meterd.metering.present import Present


def answer(site: Site, text: str) -> object:
    present = Present(site.stage.meters)
    return present.answer(Expression(text, present.known)).value


def test_a_gauge_a_total_and_a_text() -> None:
    site = Site(real("a", units={"active_power": "kW", "energy_import": "kWh", "batch": ""}))
    site.read("a", 0, 100, 7)
    site.read("a", 1, 100.5, 8, texts={"batch": "B17"})
    assert answer(site, "a.active_power") == 8
    assert answer(site, "a.energy_import") == Fraction(201, 2)
    assert answer(site, "a.batch") == "B17"


def test_nothing_before_the_first_reading_and_of_a_silent_meter() -> None:
    site = Site(A, B)
    assert answer(site, "a.energy_import") is None
    site.read("a", 0, kw=7)
    assert answer(site, "a.active_power") == 7
    assert answer(site, "a.energy_import") is None, "its counter was not read yet"
    site.fail("a", 1)
    assert answer(site, "a.active_power") is None


def test_who_is_silent_and_what_is_doubtful() -> None:
    site = Site(A, B)
    present = Present(site.stage.meters)
    site.read("a", 0, kw=7)
    assert present.silent(("a",)) == ""
    assert present.silent(("a", "b")) == "b"
    assert present.quality(("a",)) == GOOD
    site.read("b", 0, kw=7, quality=QUESTIONABLE)
    assert present.quality(("a", "b")) == QUESTIONABLE
