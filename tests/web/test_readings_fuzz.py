"""Hostile bodies for `POST /v1/readings`: each is answered, and the books hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.damage import many
from tests.web.asking import Client
from tests.web.engine import KWH, Engine
from tests.web.house import over_socket

CASES = 150
ANSWERS = {200, 400, 413, 422}
JSON = [
    b'{"meter": "main", "time": "2026-01-01T13:00:00Z", "energy_import": 506.25}',
    b'[{"meter": "main", "energy_import": "506", "age_s": 3}, {"meter": "rack-12", "uptime": 5.5}]',
]
IN_JSON = [
    b"null", b"true", b"1e999", b"-1", b"NaN", b'"\\ud800"', b"[" * 2000, b'{"a":' * 500,
    b"9" * 400, b'"9999-12-31T23:59:59Z"', b'"0000-00-00"', b"\xff\xfe", b"1_000", b"0x10", b"\0",
    b",",
]  # fmt: skip
LINES = [
    b"main energy_import=506.25 1767272400000000000\n",
    b'energy_import,meter=main,host=gw value=506i 1767272400000000000\nrack-12 serial_number="A"',
]
IN_LINES = [
    b" ", b",", b"=", b'"', b"\\", b"\n", b"\r\n", b"# ", b"9" * 400, b"-9223372036854775808",
    b"NaN", b"inf", b"1e999", b"\xff", b"\0", b"meter=main", b"time=1", b"\\ " * 500, b",a=b" * 500,
]  # fmt: skip
BODIES = {
    "application/json": (JSON, IN_JSON),
    "text/plain": (LINES, IN_LINES),
}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A site whose meters take what is sent."""
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


@pytest.mark.parametrize("kind", BODIES)
async def test_every_body_is_answered_and_books_what_it_says(
    kind: str, live: Client, engine: Engine
) -> None:
    sound, inserts = BODIES[kind]
    headers = {"X-Meterd-Actor": "anna", "Content-Type": kind}
    seen = set()
    for body in many(3, CASES, sound, inserts):
        answer = await live.ask("/v1/readings", "POST", headers=headers, data=body)
        assert answer.status in ANSWERS, (body, answer.status, answer.json)
        seen.add(answer.status)
        for told in answer.json if isinstance(answer.json, list) else []:
            assert told["outcome"] in {"taken", "duplicate", "late", "refused"}, body
    assert {200, 422} <= seen
    totals = {name: engine.pipeline.meter_view(name).totals for name in ("main", "rack-12")}
    least = {"main": 505 * KWH, "rack-12": 70 * KWH}
    assert all(totals[name]["energy_import"] >= amount for name, amount in least.items())
    with engine.store.reader() as reader:
        assert reader.events()
