"""Meters made through the API, over restarts, reloads and changes of the file."""

from __future__ import annotations

import copy
from pathlib import Path

from tests.web.living import EXAMPLE, SITE, living, names


async def test_what_was_made_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "meterd.db"
    async with living(tmp_path, path=path) as here:
        address = await here.made(connection="api", notes="kept")
        await here.read("Example", 0, 10)
        before = (await here.ask("GET", address)).json
    async with living(tmp_path, path=path) as later:
        assert (await later.ask("GET", address)).json == before | {"kwhLifetime": 10}


async def test_the_file_wins_and_the_stored_one_waits(tmp_path: Path) -> None:
    path = tmp_path / "meterd.db"
    async with living(tmp_path, path=path) as here:
        address = await here.made(notes="stored")
    config = copy.deepcopy(SITE)
    config["meters"].append({"name": "Example", "notes": "written"})
    async with living(tmp_path, config, path) as later:
        row = (await later.ask("GET", address)).json
        assert (row["notes"], row["origin"]) == ("written", "file")
        assert (await later.ask("PATCH", address, {"notes": "x"})).status == 409
        assert (await later.ask("DELETE", address)).status == 409
        assert await names(later) == ["main", "Example"]
    async with living(tmp_path, path=path) as last:
        assert (await last.ask("GET", address)).json["notes"] == "stored"


async def test_a_meter_that_does_not_fit_the_file_any_more_is_left_out_and_can_be_mended(
    tmp_path: Path,
) -> None:
    path = tmp_path / "meterd.db"
    async with living(tmp_path, path=path) as here:
        address = await here.made(connection="api")
        await here.made(name="other")
    config = copy.deepcopy(SITE)
    del config["connections"]["api"]
    async with living(tmp_path, config, path) as later:
        assert await names(later) == ["main", "other"]
        row = (await later.ask("GET", address)).json
        assert (row["name"], row["connection"], row["origin"]) == ("Example", "api", "api")
        assert 'no connection "api"' in row["leftOut"][0]
        assert (await later.ask("POST", "/v1/objects", EXAMPLE)).status == 409
        assert (await later.ask("PATCH", address, {"notes": "x"})).status == 422
        mended = await later.ask("PATCH", address, {"connection": None})
        assert (mended.status, "leftOut" in mended.json) == (200, False)
        assert await names(later) == ["main", "Example", "other"]


async def test_a_meter_that_is_left_out_can_be_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "meterd.db"
    async with living(tmp_path, path=path) as here:
        address = await here.made(connection="api")
    config = copy.deepcopy(SITE)
    del config["connections"]["api"]
    async with living(tmp_path, config, path) as later:
        assert (await later.ask("DELETE", address)).status == 204


async def test_a_reload_keeps_what_was_made_and_is_refused_if_it_would_not_fit(
    tmp_path: Path,
) -> None:
    config = copy.deepcopy(SITE)
    del config["connections"]["api"]
    link = {"connection": "hall", "address": 1, "status": 2}
    async with living(tmp_path, config) as here:
        address = await here.made(**link)
        config["meters"].append({"name": "second"})
        here.write(config)
        assert (await here.ask("POST", "/v1/reload")).status == 200
        assert await names(here) == ["main", "second", "Example"]
        del config["connections"]["hall"]
        here.write(config)
        refused = await here.ask("POST", "/v1/reload")
        assert (refused.status, "Example" in refused.json["detail"]) == (422, True)
        assert 'no connection "hall"' in refused.json["detail"]
        await here.ask("PATCH", address, dict.fromkeys(("connection", "address")))
        assert (await here.ask("POST", "/v1/reload")).status == 200
        assert await names(here) == ["main", "second", "Example"]
