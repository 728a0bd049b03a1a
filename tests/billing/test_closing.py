"""Closed periods and their chain."""

import json
from datetime import date

import msgspec
import pytest
from tests.billing.site import FIVE, HOUR, KWH, at, period, rate, span, spec, world

from meterd.billing.closing import GENESIS, Link, broken, canonical, closed, seal, sealed
from meterd.events import PeriodClosed
from meterd.specs import SourceSpec
from meterd.tariff import TariffSpec

TERMS = spec(SourceSpec("m", **rate("0.10")), SourceSpec("n"))


def chain(count: int) -> list[PeriodClosed]:
    rows: list[PeriodClosed] = []
    for month in range(1, count + 1):
        start = at(f"{month:02d}-01")
        running = period(TERMS, start, span(start, start + HOUR, month * KWH))
        previous = rows[-1].sha256 if rows else GENESIS
        rows.append(closed("tenant", running, world(), Link(previous, at("12-01"))))
    return rows


def test_the_body_holds_figures_terms_inputs_and_the_version_of_the_zone() -> None:
    (row,) = chain(1)
    assert (row.bill, row.start_ms, row.end_ms) == ("tenant", at("01-01"), at("02-01"))
    assert row.closed_ms == at("12-01")
    body = json.loads(row.body)
    assert list(body) == sorted(body)
    assert body["format"] == 1
    assert (body["bill"], body["time_zone"], body["tz_version"]) == (
        "tenant",
        "Europe/Berlin",
        "2026a",
    )
    figures = body["figures"]
    assert (figures["status"], figures["used"], figures["projection"]) == ("closed", "12", None)
    assert figures["cost"]["total"] == "1.20"
    assert body["terms"]["sources"][0]["rate_per_kwh"] == "0.10"
    first, second = body["inputs"]
    assert (first["meter"], first["energy_j"], first["samples"]) == ("m", 12 * KWH, 12)
    assert (first["covered_ms"], len(first["sha256"])) == (12 * FIVE, 64)
    assert (second["meter"], second["sha256"]) == ("n", "")


def test_the_same_facts_are_the_same_bytes() -> None:
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == b'{"a":{"c":3,"d":2},"b":1,"format":1}'
    assert chain(2) == chain(2)


def test_a_chain_holds() -> None:
    rows = chain(3)
    assert rows[0].previous_sha256 == ""
    assert rows[0].sha256 == seal("", rows[0].body)
    assert rows[2].sha256 == seal(rows[1].sha256, rows[2].body)
    assert broken(rows) == broken([]) == []


def test_the_terms_hold_the_holidays_of_the_period_and_its_first_day_is_one() -> None:
    days = tuple(date.fromisoformat(f"2026-{day}") for day in ("01-01", "01-31", "02-02"))
    before = date.fromisoformat("2025-12-31")
    version = TariffSpec("t", "EUR", holidays=(before, *days))
    running = period(spec(SourceSpec("m"), tariff=(version,)), at("01-01"))
    row = closed("tenant", running, world(), Link(GENESIS, at("02-01")))
    assert sealed(row.body).terms.tariff[0].holidays == days[:2]


@pytest.mark.parametrize(
    ("place", "change", "bad"),
    [
        (1, {"body": b"{}"}, [1]),
        (1, {"body": b"{}", "sha256": seal("", b"{}")}, [1, 2]),
        (0, {"previous_sha256": "00"}, [0]),
    ],
    ids=["another body", "another body with a hash of its own", "another beginning"],
)
def test_whatever_is_changed_breaks_a_link(
    place: int, change: dict[str, object], bad: list[int]
) -> None:
    rows = chain(3)
    rows[place] = msgspec.structs.replace(rows[place], **change)
    assert broken(rows) == [rows[n] for n in bad]


def test_a_period_that_is_taken_out_is_missed() -> None:
    rows = chain(3)
    assert broken([rows[0], rows[2]]) == [rows[2]]
    assert broken(rows[1:]) == [rows[1]]
