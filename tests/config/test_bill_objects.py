"""Bills of the store beside a file, and sources made or disabled on the file's own bills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.config.written import SITE, sound

from meterd.config.bill_objects import beside
from meterd.config.bills import SourceConfig
from meterd.config.models import Config
from meterd.config.objects import Merged, with_objects
from meterd.config.stored import BILL, BILL_SOURCES, METER, encoded
from meterd.orders import StoredObject

FILE = (
    SITE
    + """
meters:
  - {name: a, points: {energy_import: {unit: kWh}, active_power: {unit: W}}}
  - {name: b, points: {active_power: {unit: W}}}
bills: [{name: t, sources: [{meter: a, kind: best}, {meter: b, enabled: false}]}]
tariffs: {}
"""
)


def made(entity: str, name: str, **body: Any) -> StoredObject:
    return StoredObject("0" * 26, entity, name, encoded({"name": name, **body}), 1, "anna")


def merged(folder: Path, *objects: StoredObject) -> Merged:
    return with_objects(sound(folder, FILE), objects, folder)


def sources(config: Config) -> dict[str, list[tuple[str, str, bool]]]:
    return {
        bill.name: [(source.meter, source.kind, source.enabled) for source in bill.sources]
        for bill in config.bills
    }


OWN = [("a", "best", True), ("b", "best", False)]


def test_a_bill_of_the_store_stands_after_the_files(tmp_path: Path) -> None:
    """It may name meters of the store too."""
    solar = made(METER, "solar", points={"energy_import": {"unit": "kWh"}})
    bill = made(BILL, "u", allowance="12.5", sources=[{"meter": "solar"}, {"meter": "b"}])
    result = merged(tmp_path, bill, solar)
    assert sources(result.config) == {"t": OWN, "u": [("solar", "best", True), ("b", "best", True)]}
    assert (result.left_out, result.hidden) == ({}, frozenset())


def test_the_files_bill_wins(tmp_path: Path) -> None:
    result = merged(tmp_path, made(BILL, "t", sources=[]))
    assert sources(result.config) == {"t": OWN}
    assert result.hidden == {"bill t"}


def test_a_meter_and_a_bill_may_be_called_alike(tmp_path: Path) -> None:
    result = merged(tmp_path, made(METER, "t"), made(BILL, "a", sources=[{"meter": "b"}]))
    assert [meter.name for meter in result.config.meters] == ["a", "b", "t"]
    assert sources(result.config) == {"t": OWN, "a": [("b", "best", True)]}


def test_what_is_made_of_a_files_sources_is_laid_beside_them(tmp_path: Path) -> None:
    here = [
        {"meter": "a", "kind": "energy", "enabled": False},
        {"meter": "b", "kind": "power", "enabled": True},
        {"meter": "a", "kind": "power"},
    ]
    result = merged(tmp_path, made(BILL_SOURCES, "t", sources=here))
    assert sources(result.config)["t"] == [
        ("a", "best", False),
        ("b", "best", False),  # what the file disables stays disabled
        ("a", "power", True),
    ]


def test_a_source_of_a_meter_that_is_not_known_is_what_it_says() -> None:
    here = SourceConfig("x", "power", enabled=False)
    assert beside([SourceConfig("x")], [here], {}) == (SourceConfig("x"), here)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"sources": [{"meter": "c"}]}, 'sources.0.meter: no meter "c"'),
        ({"sources": [{"meter": "b", "kind": "energy"}]}, "sources.0.kind: b does not read"),
        (
            {"sources": [{"meter": "a"}, {"meter": "a", "kind": "energy"}]},
            "sources.1: a is this bill's source already",
        ),
        ({"billing_day": 0}, "billing_day: 0 is out of range"),
        ({"color": "red"}, 'color: no key "color" belongs here'),
        ({"tariff": "x"}, 'tariff: no tariff "x"'),
    ],
)
def test_a_bill_that_does_not_fit_is_left_out_and_the_rest_goes_on(
    body: dict[str, Any], wrong: str, tmp_path: Path
) -> None:
    result = merged(tmp_path, made(BILL, "bad", **body), made(BILL, "good"))
    assert list(sources(result.config)) == ["t", "good"]
    (found, *_) = result.left_out["bill bad"]
    assert f"{found.path}: {found.message}".startswith(wrong)


def test_sources_that_do_not_fit_leave_the_files_as_they_are(tmp_path: Path) -> None:
    result = merged(
        tmp_path,
        made(BILL_SOURCES, "t", sources=[{"meter": "gone"}]),
        made(BILL_SOURCES, "lost", sources=[]),
    )
    assert sources(result.config) == {"t": OWN}
    assert [(name, wrong[0].path) for name, wrong in result.left_out.items()] == [
        ("sources of bill t", "sources.2.meter"), ("sources of bill lost", ""),
    ]  # fmt: skip
