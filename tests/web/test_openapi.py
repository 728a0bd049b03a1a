"""The description of the API: whole, and true of what is answered."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.web.asking import Client
from tests.web.house import Daemon, exposition, over_tcp
from tests.web.needs import NEEDS
from tests.web.sides import READ
from tests.web.test_app import filled

from meterd.config.http import HttpConfig
from meterd.web.app import application
from meterd.web.described import described
from meterd.web.openapi import openapi


@pytest.fixture
def told(daemon: Daemon) -> dict[str, Any]:
    """The document of a door over TCP."""
    app = application(daemon, exposition, HttpConfig())
    routes = [
        (route.method, route.resource.canonical if route.resource else "", route.handler)
        for route in app.router.routes()
    ]
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(openapi(routes)))
    return made


def test_every_route_of_the_api_is_described(told: dict[str, Any]) -> None:
    operations = {
        f"{method.upper()} {path}" for path, methods in told["paths"].items() for method in methods
    }
    pages = {call for call in NEEDS if not call.split()[1].startswith("/v1/")}
    assert {call for call in NEEDS if call not in pages} <= operations
    beside = {"GET /metrics", "GET /healthz", "GET /readyz", "GET /openapi.json"}
    assert operations - {call for call in NEEDS if call not in pages} == beside


def test_it_says_what_level_and_which_scope_each_takes(told: dict[str, Any]) -> None:
    for call, need in NEEDS.items():
        method, path = call.split()
        if path.startswith("/v1/"):
            operation = told["paths"][path][method.lower()]
            assert operation["x-level"] == need
            assert bool(operation["security"]) is (need != 0)
            assert operation["summary"].endswith("."), call


def test_every_reference_leads_somewhere(told: dict[str, Any]) -> None:
    schemas = told["components"]["schemas"]
    found = set(re.findall(r'"#/components/schemas/(\w+)"', msgspec.json.encode(told).decode()))
    assert found <= schemas.keys()
    assert "#/$defs" not in msgspec.json.encode(told).decode()
    ids = [op["operationId"] for methods in told["paths"].values() for op in methods.values()]
    assert len(ids) == len(set(ids))


async def test_the_parameters_are_those_that_are_taken(
    told: dict[str, Any], browser: Client
) -> None:
    """A request with another is refused, and the refusal names those that there are."""
    for path, methods in told["paths"].items():
        if "get" not in methods or path == "/metrics":
            continue
        names = {one["name"] for one in methods["get"]["parameters"] if one["in"] == "query"}
        answer = await browser.ask(f"{filled(path)}?zzz=1")
        if path in {"/healthz", "/readyz"}:
            continue
        assert answer.status == 400, path
        known = re.search(r"known here: ([a-z_, ]+?)[.;]", answer.json["detail"])
        assert names == (set(known[1].split(", ")) if known else set()), path


async def test_what_is_answered_is_as_it_is_described(told: dict[str, Any], daemon: Daemon) -> None:
    queries = ("view=24h", "view=cumulative", "view=hourly", "view=history", "view=samples")
    more = [f"/v1/bills/tenant-a/series?{query}" for query in queries]
    async with over_tcp(daemon) as client:
        for call in [*(c for c in NEEDS if c.startswith("GET /v1/")), *more]:
            path = call.removeprefix("GET ")
            if path == "/v1/stream":
                continue
            answer = await client.ask(filled(path))
            template = path if path in told["paths"] else "/v1/bills/{name}/series"
            operation = told["paths"][template]["get"]
            content = operation["responses"]["200"].get("content")
            if content is None:
                continue
            schema = {**content["application/json"]["schema"], "components": told["components"]}
            jsonschema.validate(answer.json, schema)


async def test_every_problem_is_as_it_is_described(told: dict[str, Any], browser: Client) -> None:
    for path in ("/v1/nothing", "/v1/meters?x=1", "/v1/bills/nobody", "/v1/events?limit=0"):
        answer = await browser.ask(path)
        schema = told["components"]["schemas"]["ProblemDetails"]
        jsonschema.validate(answer.json, {**schema, "components": told["components"]})


async def test_it_is_served_to_whoever_may_ask_at_all(browser: Client, stranger: Client) -> None:
    answer = await browser.ask("/openapi.json")
    assert (answer.status, answer.json["openapi"]) == (200, "3.1.0")
    assert (await browser.ask("/openapi.json")).body == answer.body
    assert (await stranger.ask("/openapi.json")).status == 401


def test_a_page_is_no_part_of_the_api() -> None:
    assert described(object()) is None
    assert NEEDS["GET /devices"] == READ
