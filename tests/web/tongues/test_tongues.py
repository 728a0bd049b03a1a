"""Every text in both languages, and how each of them writes numbers, days and months."""

from __future__ import annotations

import re
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import pytest
from tests.web.tongues.said import texts

from meterd.config.enums import labels
from meterd.metering.powermeter import CONSUMPTION
from meterd.shapes.meters import GENERAL, MAINTENANCE, THRESHOLDS
from meterd.units import GAUGES, REGISTERS
from meterd.web.pages.words import plain
from meterd.web.tongues import NAMES, day, figures, month, say, speaking, tongue, wanted, written

PARTS = re.compile(r"\{(\w+)\}")
ENUMS = (
    "meter_point", "status", "feed_path", "meter_type", "accuracy_class", "verification_result",
)  # fmt: skip


def test_every_text_of_a_page_has_its_german() -> None:
    found = texts()
    assert len(found) > 150
    assert sorted(found - tongue("de").words.keys()) == []


def test_names_of_fields_quantities_and_choices_have_their_german() -> None:
    german = tongue("de").words
    names = {plain(name) for name in (*GENERAL, *MAINTENANCE, *THRESHOLDS, *REGISTERS)}
    names |= {plain(re.sub(r"_(l\d+)$", "", name)) for name in GAUGES}
    names |= {plain(name.removeprefix("kwh").replace("Kw", "")) for name in CONSUMPTION}
    names |= {label for field in ENUMS for label in labels(field)}
    assert sorted(names - german.keys()) == []


def test_a_translation_has_the_same_parts() -> None:
    for english, german in tongue("de").words.items():
        assert set(PARTS.findall(english)) == set(PARTS.findall(german)), english
        assert german.strip(), english


@pytest.mark.parametrize("code", NAMES)
def test_a_tongue_has_a_file_and_twelve_months(code: str) -> None:
    assert (Path(str(files("meterd.web.tongues"))) / f"{code}.toml").exists()
    assert len(tongue(code).months) == len(tongue(code).short_months) == 12


def test_numbers_and_times_are_written_as_people_there_write_them() -> None:
    at = datetime(2026, 3, 5, 13, 5)  # noqa: DTZ001  (the site's wall clock has no zone to show)
    shown = {}
    for code in NAMES:
        with speaking(code):
            shown[code] = (figures(1234.5, 2), written(at), day(at), month(at), say("Bills"))
    assert shown["en"] == ("1,234.50", "2026-03-05 13:05:00", "5 Mar", "March 2026", "Bills")
    german = ("1.234,50", "05.03.2026 13:05:00", "5. März", "März 2026", "Abrechnungen")
    assert shown["de"] == german
    with speaking("de"):
        assert say("never translated {n}", n=1) == "never translated 1"
    assert say("Bills") == "Bills"


WISHES = {
    "": "en",
    "de": "de",
    "de-AT,de;q=0.9,en;q=0.8": "de",
    "fr, en;q=0.5, de;q=0.7": "de",
    "fr": "en",
    "de;q=0": "en",
    "DE": "de",
    "*;q=nonsense,,;": "en",
}


@pytest.mark.parametrize(("header", "code"), WISHES.items(), ids=WISHES)
def test_a_browser_is_answered_in_what_it_likes_best(header: str, code: str) -> None:
    assert wanted(header) == code
