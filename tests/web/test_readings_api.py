"""Readings sent in over HTTP, and the word that a device was replaced."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.web.asking import Answer, Client
from tests.web.engine import Engine
from tests.web.house import bearer, over_socket, over_tcp

HEADERS = {"X-Meterd-Actor": "anna"}
ENTERED = {"meter": "main", "time": "2026-01-01T13:00:00Z", "energy_import": 506}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = Engine(tmp_path)
    engine.site = msgspec.structs.replace(
        engine.site,
        meters=tuple(
            msgspec.structs.replace(
                spec, units={register.quantity: register.unit for register in spec.registers}
            )
            for spec in engine.site.meters
        ),
    )
    return engine


@pytest.fixture
async def live(engine: Engine, tmp_path: Path) -> AsyncIterator[Client]:
    async with over_socket(engine, tmp_path / "live.sock") as client:
        yield client


async def post(client: Client, path: str, body: Any) -> Answer:
    return await client.ask(path, "POST", headers=HEADERS, data=msgspec.json.encode(body))


# -- readings -----------------------------------------------------------------------------


async def test_a_reading_is_taken_once_and_a_duplicate_is_told(
    live: Client, engine: Engine
) -> None:
    first, again = [await post(live, "/v1/readings", ENTERED) for _ in range(2)]
    head = {"meter": "main", "time": "2026-01-01T13:00:00Z"}
    assert (first.status, first.json) == (
        200, {**head, "outcome": "taken", "refused": None, "events": []},
    )  # fmt: skip
    told = {**head, "outcome": "duplicate", "refused": "duplicate", "events": ["duplicate"]}
    assert (again.status, again.json) == (200, told)
    assert engine.pipeline.meter_view("main").totals["energy_import"] == 506 * 3_600_000
    entered = [event for event in engine.events() if event.kind == "reading_entered"]
    assert entered[0].numbers == {"actor": "anna", "values": {"energy_import": "506"}}


async def test_a_list_is_answered_item_by_item(live: Client) -> None:
    items = [ENTERED, {"meter": "rack-12", "energy_import": "70.5"}, ENTERED]
    answer = await post(live, "/v1/readings", items)
    assert [item["refused"] for item in answer.json] == [None, None, "duplicate"]


async def test_one_that_is_wrong_is_named_and_the_others_are_taken(
    live: Client, engine: Engine
) -> None:
    items = [{"meter": "mian", "energy_import": 1}, ENTERED, {"meter": "main", "power": 1}, 5]
    answer = await post(live, "/v1/readings", items)
    assert (answer.status, len(engine.orders)) == (422, 1)
    assert answer.json["detail"].startswith("1 of 4 readings were taken. [0].meter is none")
    assert [told and told["outcome"] for told in answer.json["readings"]] == [
        None, "taken", None, None,
    ]  # fmt: skip
    assert answer.json["errors"] == [
        {"field": "[0].meter", "detail": "is none that there is. Did you mean 'main'?"},
        {
            "field": "[2].power",
            "detail": "is nothing that main reads; there is energy_import, volume",
        },
        {"field": "[3]", "detail": 'is no object; send {"meter": "main", "energy_import": 501.2}'},
    ]


async def test_a_batch_is_taken_in_the_order_of_its_times(live: Client, engine: Engine) -> None:
    items = [
        ENTERED | {"time": f"2026-01-01T13:0{n}:00Z", "energy_import": 506 + n} for n in (2, 1)
    ]
    answer = await post(live, "/v1/readings", items)
    assert [item["outcome"] for item in answer.json] == ["taken", "taken"]
    late = await post(live, "/v1/readings", items[1] | {"time": "2026-01-01T13:00:30Z"})
    assert (late.status, late.json["outcome"]) == (200, "late")
    assert engine.pipeline.meter_view("main").totals["energy_import"] == 508 * 3_600_000


LINES = b"""# a gateway
main energy_import=506.5 1767272400000
volume,meter=main,host=gw value=3i 1767272400000
main power=5 1767272400000
main
"""


async def lines(client: Client, body: bytes, query: str = "?precision=ms") -> Answer:
    headers = HEADERS | {"Content-Type": "text/plain; charset=utf-8"}
    return await client.ask(f"/v1/readings{query}", "POST", headers=headers, data=body)


async def test_lines_are_readings_too(live: Client, engine: Engine) -> None:
    answer = await lines(live, LINES)
    assert answer.status == 422
    assert [told and told["outcome"] for told in answer.json["readings"]] == [
        "taken", "taken", None, None,
    ]  # fmt: skip
    assert [error["field"] for error in answer.json["errors"]] == ["line 4.power", "line 5"]
    (told,) = (await lines(live, LINES.splitlines()[1])).json
    assert (told["outcome"], told["time"]) == ("duplicate", "2026-01-01T13:00:00Z")
    totals = engine.pipeline.meter_view("main").totals
    assert totals == {"energy_import": 506 * 3_600_000 + 1_800_000, "volume": 3_000_000}
    assert len(engine.orders) == 2


@pytest.mark.parametrize(
    ("body", "query"),
    [(b"main volume=1", "?precision=min"), (b"\xff", ""), (b"main volume=1", "?per=s")],
)
async def test_lines_that_cannot_be_read(body: bytes, query: str, live: Client) -> None:
    assert (await lines(live, body, query)).status == 400


async def test_precision_is_for_lines(live: Client) -> None:
    assert (await post(live, "/v1/readings?precision=s", ENTERED)).status == 400


async def test_a_single_one_that_is_wrong_is_named_by_its_field(live: Client) -> None:
    answer = await post(live, "/v1/readings", {"meter": "main"})
    assert answer.json["errors"][0]["field"] == "reading"
    answer = await post(live, "/v1/readings", {"meter": "main", "volume": "x"})
    assert answer.json["detail"] == "volume is 'x', not a number."


@pytest.mark.parametrize(
    ("body", "status"), [(b"[]", 422), (b"{", 400), (b"", 400), (b"[" * 5000, 400)]
)
async def test_a_body_that_holds_no_readings(body: bytes, status: int, live: Client) -> None:
    assert (await live.ask("/v1/readings", "POST", data=body)).status == status


async def test_there_is_a_bound(live: Client) -> None:
    answer = await post(live, "/v1/readings", [{"meter": "x"}] * 1001)
    assert answer.json["detail"] == "Send from 1 to 1000 readings at once."


async def test_no_digit_is_lost(live: Client, engine: Engine) -> None:
    body = b'{"meter": "main", "energy_import": 505.123456789012345678}'
    await live.ask("/v1/readings", "POST", data=body)
    totals = engine.pipeline.meter_view("main").totals
    assert totals["energy_import"] == round(505.123456789012345678 * 3_600_000)


async def test_a_token_for_one_meter_is_good_for_that_one(engine: Engine) -> None:
    async with over_tcp(engine) as client:
        own = await client.ask(
            "/v1/readings", "POST", headers=bearer("meterd_gateway"), json=ENTERED
        )
        other = await client.ask(
            "/v1/readings", "POST", headers=bearer("meterd_gateway"),
            json={"meter": "rack-12", "energy_import": 71},
        )  # fmt: skip
        both = await client.ask(
            "/v1/readings", "POST", headers=bearer("meterd_gateway"),
            json=[ENTERED, {"meter": "rack-12", "energy_import": 71}],
        )  # fmt: skip
    assert (own.status, other.status, both.status) == (200, 403, 422)
    assert [told and told["outcome"] for told in both.json["readings"]] == ["duplicate", None]
    assert both.json["errors"][0]["detail"].endswith("it has not the scope push:rack-12")
    entered, _again = [event for event in engine.events() if event.kind == "reading_entered"]
    assert entered.numbers["actor"] == "token gateway"


async def test_what_a_device_pushes_itself_is_nobodys_entry(live: Client, engine: Engine) -> None:
    pushed = tuple(msgspec.structs.replace(spec, pushed=True) for spec in engine.site.meters)
    engine.site = msgspec.structs.replace(engine.site, meters=pushed)
    await post(live, "/v1/readings", ENTERED)
    assert "reading_entered" not in [event.kind for event in engine.events()]


# -- replacements -------------------------------------------------------------------------

REPLACE = "/v1/meters/main/replace"


async def test_a_replacement_answers_with_what_it_booked(live: Client, engine: Engine) -> None:
    asked = {"quantity": "energy_import", "old_final": 506.5, "new_initial": 3, "serial": "B"}
    answer = await post(live, REPLACE, asked)
    assert answer.status == 200
    body = answer.json
    (told,) = body.pop("registers")
    assert body == {"meter": "main", "time": "2026-01-01T14:00:00Z", "actor": "anna"}
    assert (told["kind"], told["quantity"], told["booked"], told["serial"]) == (
        "meter_replaced", "energy_import", "1.5", "B",
    )  # fmt: skip
    assert engine.pipeline.meter_view("main").fields["serialNumber"] == "B"


async def test_a_replacement_needs_no_body(live: Client) -> None:
    answer = await live.ask(REPLACE, "POST")
    assert [told["kind"] for told in answer.json["registers"]] == ["meter_replaced"] * 2


async def test_numbers_that_cannot_be_are_a_conflict_with_a_sentence(
    live: Client, engine: Engine
) -> None:
    before = engine.pipeline.meter_view("main").totals
    answer = await post(live, REPLACE, {"quantity": "energy_import", "old_final": 504})
    assert answer.status == 409
    assert "504 kWh is below 505 kWh" in answer.json["detail"]
    assert engine.pipeline.meter_view("main").totals == before


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/meters/mian/replace", {}, 404, "Did you mean 'main'?"),
        (REPLACE, [], 400, "no JSON object"),
        (REPLACE, {"old_final": 1}, 422, "quantity is missing"),
        (REPLACE, {"serial": 5}, 422, "serial is no printable text"),
        (REPLACE, {"quantity": "volume", "old_final": "x"}, 422, "body old_final is 'x'"),
    ],
)
async def test_what_is_asked_wrongly_is_named(
    path: str, body: Any, status: int, said: str, live: Client
) -> None:
    answer = await post(live, path, body)
    assert (answer.status, said in answer.json["detail"]) == (status, True), answer.json
