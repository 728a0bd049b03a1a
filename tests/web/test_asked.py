"""Parameters: what is understood, and what is refused by its name."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from urllib.parse import quote

import pytest
from tests.web.asking import Client

INTERVALS = "/v1/meters/main/intervals"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/v1/site?x=1", "There is no parameter 'x'; none are known here."),
        ("/v1/site?limit=1", "none are known here"),
        ("/v1/bills?from=1", "known here: limit, cursor"),
        (f"{INTERVALS}?form=1", "Did you mean 'from'?"),
        (f"{INTERVALS}?metre=a&limit=1", "known here: from, to, quantity, limit, cursor"),
        ("/v1/events?quantity=a", "known here: kind, meter, from, to, limit, cursor"),
        ("/v1/records?kind=a", "known here: configuration, from, to, status, limit, cursor"),
        ("/v1/events?meter=a&meter=b", "'meter' is there more than once"),
        (f"{INTERVALS}?limit=0", "from 1 to 10000"),
        (f"{INTERVALS}?limit=10001", "from 1 to 10000"),
        (f"{INTERVALS}?limit=-1", "from 1 to 10000"),
        (f"{INTERVALS}?limit=", "from 1 to 10000"),
        (f"{INTERVALS}?limit=%D9%A1", "from 1 to 10000"),
        (f"{INTERVALS}?limit=1e3", "from 1 to 10000"),
        (f"{INTERVALS}?limit={'9' * 5000}", "from 1 to 10000"),
        (f"{INTERVALS}?from=2026-01-01", "'from' is no time with an offset: '2026-01-01'"),
        (f"{INTERVALS}?from=2026-01-01T12:00:00", "write 2026-01-31T12:00:00Z"),
        (f"{INTERVALS}?to=yesterday", "'to' is no time with an offset"),
        (f"{INTERVALS}?to=", "'to' is no time with an offset"),
        (f"{INTERVALS}?to=2026-02-30T12:00:00Z", "'to' is no time with an offset"),
        (
            f"{INTERVALS}?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
            "'from' is later than 'to'",
        ),
    ],
)
async def test_what_is_not_understood_is_refused_by_name(
    path: str, says: str, browser: Client
) -> None:
    answer = await browser.ask(path)
    assert answer.status == 400, answer.body
    assert says in answer.json["detail"]


@pytest.mark.parametrize(
    ("span", "slots"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("from=2026-01-01T12:05:00Z", [1, 2, 3, 4, 5]),
        ("to=2026-01-01T12:05:00Z", [0]),
        ("from=2026-01-01T12:05:00Z&to=2026-01-01T12:15:00Z", [1, 2]),
        ("from=2026-01-01T12:05:00Z&to=2026-01-01T12:05:00Z", []),
        ("from=2026-01-01T12:05:00.001Z&to=2026-01-01T12:15:00Z", [2]),
        ("from=2026-01-01T13:05:00%2B01:00&to=2026-01-01T12:15:00Z", [1, 2]),
        ("from=2026-01-01T13:05:00+01:00&to=2026-01-01T07:15:00-05:00", [1, 2]),
        ("from=0001-01-01T00:00:00%2B14:00&to=9999-12-31T23:59:59-14:00", [0, 1, 2, 3, 4, 5]),
    ],
)
async def test_a_span_is_half_open_and_any_offset_will_do(
    span: str, slots: list[int], browser: Client
) -> None:
    answer = await browser.ask(f"{INTERVALS}?quantity=energy_import&{span}")
    starts = [f"2026-01-01T12:{5 * slot:02}:00Z" for slot in slots]
    assert [row["start"] for row in answer.json] == starts


def packed(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%00",
        "ä",
        "a" * 3000,
        packed("1"),
        packed("[1]"),
        packed('["1","a","b","c"]'),
        packed('[1,"a","b",3]'),
        packed(f'[{1 << 63},"a","b","c"]'),
        packed(f'[-{1 << 63},"a","b","c"]'),
        packed('[1e400,"a","b","c"]'),
        packed("[" * 2000),
        packed('[1,"\\ud800","b","c"]'),
    ],
)
async def test_a_cursor_of_somebody_elses_is_refused(cursor: str, browser: Client) -> None:
    answer = await browser.ask(f"{INTERVALS}?cursor={quote(cursor)}")
    assert (answer.status, answer.json["detail"]) == (
        400,
        "The cursor is of no page of this list; begin again without it.",
    )


async def test_a_cursor_of_another_list_is_refused(browser: Client) -> None:
    answer = await browser.ask("/v1/events?limit=1")
    cursor = answer.headers["Link"].partition("cursor=")[2].partition(">")[0]
    assert (await browser.ask(f"/v1/events?cursor={cursor}")).status == 200
    assert (await browser.ask(f"{INTERVALS}?cursor={cursor}")).status == 400
