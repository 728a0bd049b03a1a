"""A DemandFlow tenant on loopback, as its documentation and seed 000 describe it.

Objects have system fields and versions; the list is streamed as an array or line by line;
the definition is panels as JSON text within JSON, and what does not fit it is a 400 that
names the field. Faults are asked for: answers to give instead, tokens revoked, a stall.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from meterd.sinks.demandflow_fields import shipped

TOKEN = "df_pat_canary-7Q"
SUB = "fd6900a2"
SYSTEM = {"id", "entity", "level", "comboKey", "subscription", "ownerId", "created"}
TAKES: dict[str, type | tuple[type, ...]] = {"number": (int, float), "timestamp": int}


def field(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "type": kind, "name": f"The {key}", "width": 50, **more}


def shipped_fields() -> list[dict[str, Any]]:
    """Seed 000's fields as a definition has them."""
    targets = shipped().targets.values()
    kinds = {"enum": "indexedSelect"}
    return [
        field(at.key, kinds.get(at.type, at.type), readOnly=True, required=at.required)
        for at in targets
    ]


def panels(fields: Iterable[dict[str, Any]]) -> str:
    """The `definition` of a DEFINITION object: panels, columns, rows, fields; as JSON text."""
    row = {"type": "form", "header": "Readings", "fields": list(fields)}
    other = {"type": "timeline", "id": "activity"}
    return json.dumps([{"name": "General", "icon": "bolt", "columns": [{"rows": [row, other]}]}])


class Tenant:
    """The server, what it has, and what it was asked."""

    def __init__(self) -> None:
        self.fields = shipped_fields()
        self.objects: dict[str, dict[str, Any]] = {}
        self.tokens = {TOKEN}
        self.asked: list[tuple[str, str, Any]] = []
        self.instead: list[web.Response | None] = []
        self.judge: Callable[[dict[str, Any]], web.Response | None] | None = None
        self.listing: web.Response | None = None
        self.definition: web.Response | None = None
        self.lines = False
        self.no_definition = False
        self.go = asyncio.Event()
        self.go.set()
        self.at_once = self.most_at_once = 0
        self.overlaps = 0
        self._writing: set[str] = set()
        self._minted = 0
        app = web.Application(middlewares=[self._gate])
        app.router.add_get("/v1/objects/{id}", self._get)
        app.router.add_post("/v1/objects", self._post)
        app.router.add_patch("/v1/objects/{id}", self._patch)
        app.router.add_get("/v1/entities/POWERMETER/SUB", self._list)
        self.server = TestServer(app, host="127.0.0.1")

    @property
    def url(self) -> str:
        return str(self.server.make_url("/")).rstrip("/")

    def add(self, name: str, **fields: Any) -> dict[str, Any]:
        """An object that is there already."""
        self._minted += 1
        made = f"0bj-{self._minted}"
        head = {"id": made, "entity": "POWERMETER", "level": 277, "_df_version": 0}
        key = f"SUB:{SUB}|ENT:{made}"
        self.objects[made] = head | {"comboKey": key, "name": name, **fields}
        return self.objects[made]

    def named(self, name: str) -> dict[str, Any]:
        """The one object of that name."""
        (one,) = (row for row in self.objects.values() if row["name"] == name)
        return one

    def asks(self, method: str, part: str = "") -> list[Any]:
        """The bodies of what was asked so far."""
        return [body for how, path, body in self.asked if how == method and part in path]

    def refuse(self, status: int, count: int = 1, retry_after: str = "") -> None:
        """Answer the next requests that write with this status."""
        self.instead += [error(status, "told to", retry_after) for _ in range(count)]

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.path_qs, body))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await self.go.wait()
            answer: web.StreamResponse = await self._answer(request, handler)
            return answer
        finally:
            self.at_once -= 1

    async def _answer(self, request: web.Request, handler: Any) -> Any:
        said = request.headers.get("Authorization")
        if said is None:
            return error(401, "no Authorization header")
        if said.removeprefix("Bearer ") not in self.tokens:
            return error(403, f"invalid or expired token {said}")
        if request.method != "GET" and self.instead:
            instead = self.instead.pop(0)
            if instead is not None:
                return instead
        return await handler(request)

    async def _get(self, request: web.Request) -> web.Response:
        if request.match_info["id"] == "POWERMETER" and request.query_string:
            assert request.query_string == "entity=DEFINITION"
            if self.definition is not None:
                return copied(self.definition)
            if self.no_definition:
                return error(404, "object not found")
            head = {"id": "POWERMETER", "entity": "DEFINITION", "level": 277}
            text = panels(self.fields)
            return web.json_response(head | {"name": "Power Meter", "definition": text})
        one = self.objects.get(request.match_info["id"])
        return web.json_response(one) if one else error(404, "object not found")

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if self.listing is not None:
            return copied(self.listing)
        found = [json.dumps(row | {"_type": "data"}) for row in self.objects.values()]
        if not self.lines:
            return web.Response(text=f"[{','.join(found)}]", content_type="application/json")
        answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await answer.prepare(request)
        for line in found:
            await answer.write(line.encode() + b"\n")
        return answer

    async def _post(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("entity") != "POWERMETER" or body.get("level") != 277:
            return error(400, "entity and level are required")
        if body.get("comboKey") != f"SUB:{SUB}|ENT:":
            return error(400, "comboKey must end with |ENT:")
        needed = [at["id"] for at in self.fields if at.get("required") and at["id"] not in body]
        wrong = needed or self._wrong(body.keys() - SYSTEM, body)
        if wrong:
            return error(400, f"field {wrong[0]} is not valid")
        made = self.add(body["name"])
        made |= {key: value for key, value in body.items() if key not in SYSTEM}
        return web.json_response(made, status=201)

    async def _patch(self, request: web.Request) -> web.Response:
        one = self.objects.get(request.match_info["id"])
        if one is None:
            return error(404, "object not found")
        self.overlaps += one["id"] in self._writing
        self._writing.add(one["id"])
        await asyncio.sleep(0)
        body = await request.json()
        judged = self.judge(body) if self.judge else None
        wrong = self._wrong(body.keys() - SYSTEM, body)
        if not wrong and judged is None:
            one |= {key: value for key, value in body.items() if key not in SYSTEM}
            one["_df_version"] += 1
        self._writing.discard(one["id"])
        if judged is not None:
            return judged
        if wrong:
            return error(400, f"field {wrong[0]} is not valid")
        return web.json_response(one)

    def _wrong(self, keys: set[str], body: dict[str, Any]) -> list[str]:
        """Fields that the definition does not have, or not with such a value."""
        kinds = {at["id"]: TAKES.get(at["type"], (str, int)) for at in self.fields}
        fine = {
            key
            for key in keys & kinds.keys()
            if body[key] is None or isinstance(body[key], kinds[key])
        }
        return sorted(keys - fine)


def copied(answer: web.Response) -> web.Response:
    """The same again; a response can be sent only once."""
    return web.Response(status=answer.status, body=answer.body)


def error(status: int, message: str, retry_after: str = "") -> web.Response:
    """An error as DemandFlow makes it."""
    headers = {"Retry-After": retry_after} if retry_after else {}
    said = {"error": f"E{status}", "message": message}
    return web.json_response(said, status=status, headers=headers)


def with_objects(*names: str) -> Tenant:
    """A tenant with an object of each of these names."""
    tenant = Tenant()
    for name in names:
        tenant.add(name)
    return tenant


def authority(folder: Path) -> tuple[SSLContext, str]:
    """A server's side of TLS, and the file that makes a client trust it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "1", "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, str(certificate)
