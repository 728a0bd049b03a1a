"""The daemon and its site: whether it lives, what it measures of itself, what is configured."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from meterd import shapes
from meterd.config.accounts import ANYBODY
from meterd.metering.calendar import iso
from meterd.web import answer_types as types
from meterd.web import order_types as orders
from meterd.web.answers import WORLD, encode, json
from meterd.web.asked import parameters
from meterd.web.caller import needs
from meterd.web.described import tells
from meterd.web.problems import Problem
from meterd.web.world import Exposition, World

EXPOSITION: Final = web.AppKey[Exposition]("exposition")

OPENMETRICS: Final = "application/openmetrics-text"
OPENMETRICS_TYPE: Final = f"{OPENMETRICS}; version=1.0.0; charset=utf-8"
CLASSIC_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_VERSIONS: Final = frozenset({"", "0.0.1", "1.0.0"})
_CLASSIC: Final = frozenset({"text/plain", "text/*", "*/*"})


def wants_openmetrics(accept: str) -> bool:
    """Whether an Accept header likes OpenMetrics 1.0 at least as much as the classic text.

    Of two it likes as well, OpenMetrics. Source: RFC 9110 section 12.5.1.
    """
    openmetrics = classic = 0.0
    for choice in accept.lower().split(","):
        kind, *parts = (part.strip() for part in choice.split(";"))
        settings = dict(part.split("=", 1) for part in parts if "=" in part)
        quality = _quality(settings.get("q", "1"))
        if kind == OPENMETRICS and settings.get("version", "").strip('"') in _VERSIONS:
            openmetrics = max(openmetrics, quality)
        elif kind in _CLASSIC:
            classic = max(classic, quality)
    return openmetrics > 0 and openmetrics >= classic


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


@tells(str, kind="text/plain")
async def metrics(request: web.Request) -> web.Response:
    """Everything Prometheus asks for, from memory."""
    openmetrics = wants_openmetrics(",".join(request.headers.getall("Accept", [])))
    body = request.app[EXPOSITION](request.app[WORLD].now_ms(), openmetrics)
    kind = OPENMETRICS_TYPE if openmetrics else CLASSIC_TYPE
    return web.Response(body=body, headers={"Content-Type": kind, "Vary": "Accept"})


@needs(ANYBODY)
@tells(types.Status)
async def healthz(request: web.Request) -> web.Response:
    """Whether the daemon does its work; if not, restarting it may help."""
    return _probe(request.app[WORLD].healthy())


@needs(ANYBODY)
@tells(types.Status)
async def readyz(request: web.Request) -> web.Response:
    """Whether readings can be taken and kept."""
    return _probe(request.app[WORLD].ready())


def _probe(trouble: str | None) -> web.Response:
    if trouble is not None:
        raise Problem(503, trouble)
    return json(b'{"status":"ok"}')


@tells(types.Site)
async def site(request: web.Request) -> web.Response:
    """The site as it is configured, and what is known of it as a whole."""
    parameters(request)
    return json(encode(_site(request.app[WORLD])))


def _site(world: World) -> dict[str, Any]:
    spec = world.site
    return {
        "name": spec.name,
        "timezone": spec.timezone,
        "currency": spec.currency,
        "sampling_s": spec.sampling_ms / 1000,
        "time": iso(world.now_ms()),
        "meters": [meter.name for meter in spec.meters],
        "records": [record.name for record in spec.records],
        "bills": [bill.name for bill in spec.bills],
        **shapes.whole(world.whole),
    }


@tells(orders.Reloaded)
async def reload(request: web.Request) -> web.Response:
    """Apply the configuration file anew, or refuse it whole."""
    parameters(request)
    refused = await request.app[WORLD].reload()
    if refused is not None:
        raise Problem(422, refused)
    return json(b'{"reloaded":true}')


ROUTES: Final = (
    web.get("/metrics", metrics),
    web.get("/healthz", healthz),
    web.get("/readyz", readyz),
    web.get("/v1/site", site),
    web.post("/v1/reload", reload),
)
