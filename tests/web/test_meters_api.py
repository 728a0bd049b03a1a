"""Meters over HTTP: seed 000's objects, all that one said, and intervals."""

from __future__ import annotations

from tests.web.asking import Client
from tests.web.house import Daemon

from meterd import shapes
from meterd.shapes.meters import FIELDS


async def test_every_meter_is_listed_also_before_its_first_reading(browser: Client) -> None:
    main, rack = (await browser.ask("/v1/meters")).json
    assert list(main) == [*FIELDS, "temperature"], "what has no field there comes after"
    assert list(rack) == list(FIELDS)
    assert (main["name"], main["currentKw"], main["status"]["label"]) == ("main", 1.5, "Active")
    assert (rack["name"], rack["currentKw"], rack["lastReadingTime"]) == ("rack-12", None, None)


async def test_the_seeds_own_address_lists_its_own_objects(browser: Client, daemon: Daemon) -> None:
    answer = await browser.ask("/v1/entities/POWERMETER/SUB")
    views, site = daemon.meters, daemon.site
    assert answer.json == [
        shapes.entity(spec, views.get(spec.name), site.fields) | {"origin": "file"}
        for spec in site.meters
    ]
    assert (answer.json[0]["entity"], answer.json[0]["level"]) == ("POWERMETER", 277)


async def test_one_meter_has_all_it_said(browser: Client) -> None:
    main = (await browser.ask("/v1/meters/main")).json
    assert main["quantities"]["temperature"] == {"value": 21.5, "unit": "degC"}
    assert main["totals"]["energy_import"] == {"value": "100", "unit": "kWh"}
    assert (main["temperature"], main["availability"], main["quality"]) == (21.5, "online", "good")


async def test_a_meter_that_has_said_nothing_is_there(browser: Client) -> None:
    rack = (await browser.ask("/v1/meters/rack-12")).json
    assert (rack["availability"], rack["quality"], rack["quantities"]) == ("offline", None, {})


async def test_intervals_of_all_quantities_or_one(browser: Client) -> None:
    both = (await browser.ask("/v1/meters/main/intervals")).json
    assert {row["quantity"] for row in both} == {"energy_import", "volume"}
    water = (await browser.ask("/v1/meters/main/intervals?quantity=volume")).json
    assert [(row["start"], row["amount"], row["unit"]) for row in water] == [
        ("2026-01-01T12:00:00Z", "0.0015", "m3"),
        ("2026-01-01T12:05:00Z", "0.0015", "m3"),
    ]
    assert (await browser.ask("/v1/meters/rack-12/intervals")).json == []
