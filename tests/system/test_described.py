"""The real daemon against its own description: whatever is sent by its schemas, what comes back
is as it says, and never a fault of ours."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from tests.system.home import Home
from tests.system.peers import METERD

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)
EXAMPLES = "4"
"""Requests for each operation: some two hundred; a longer run is made by hand."""
ENDLESS = "/v1/stream"


async def test_the_daemon_answers_as_it_is_described(home: Home, tmp_path: Path) -> None:
    home.config["sampling"] = "5m"
    home.config["connections"]["api"] = {"protocol": "push"}
    points = {"energy_import": {"unit": "kWh"}}
    home.config["meters"].append({"name": "main", "connection": "api", "points": points})
    home.add_record("Line 1")
    home.add_bill("tenant-a")
    daemon = await home.run()
    made = await home.verb("token", "add", "schemas", "--scope", "admin")
    headers = {"Authorization": f"Bearer {made.out.strip()}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for number in (1, 2, 3):
            reading = {"meter": "main", "energy_import": str(500 + number)}
            async with session.post(f"{daemon.url}/v1/readings", json=reading) as answer:
                assert answer.status == 200
    run = await asyncio.create_subprocess_exec(
        Path(METERD).with_name("st"), "run", f"{daemon.url}/openapi.json",
        "-H", f"Authorization: {headers['Authorization']}", "--exclude-path", ENDLESS,
        "--max-examples", EXAMPLES, "--seed", "1", "--phases", "examples,fuzzing",
        "--checks", CHECKS, "--request-timeout", "30", "--no-color",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
    )  # fmt: skip
    told, _nothing = await run.communicate()
    assert run.returncode == 0, told.decode()
    assert b" passed" in told
