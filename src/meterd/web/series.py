"""What the graphs of a bill are drawn from: `GET /v1/bills/{name}/series?view=billing`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

from aiohttp import web
from msgspec import Meta, Struct

from meterd import shapes
from meterd.billing.slots import Slot
from meterd.config.accounts import GRANTED
from meterd.metering.calendar import Calendar, parse_iso
from meterd.shapes.periods import NoSuchPeriodError
from meterd.shapes.series import Sight, UnknownViewError, expect_view
from meterd.shapes.series import series as drawn
from meterd.shapes.series.views import VIEWS
from meterd.specs import BillSpec, SiteSpec
from meterd.views import BillView
from meterd.web import answer_types as types
from meterd.web.answers import WORLD, found
from meterd.web.asked import LIMIT_MAX, parameters
from meterd.web.bills import PERIODS_MAX
from meterd.web.caller import needs
from meterd.web.described import tells
from meterd.web.problems import Problem, not_found
from meterd.web.visible import visible
from meterd.web.world import EVER_MS, Page, Reader

DEFAULT: Final = "billing"


class Asked(Struct, frozen=True):
    """Which view, of which period (its first day)."""

    view: Annotated[str, Meta(extra_json_schema={"enum": list(VIEWS)})] = DEFAULT
    period: str = ""


@needs(GRANTED)
@tells(types.Series, query=Asked)
async def series(request: web.Request) -> web.Response:
    """One view of a bill; 400 names the views there are, 404 the periods."""
    asked = parameters(request, ("view", "period"))
    seen, name = visible(request), request.match_info["name"]
    if name not in seen.bills:
        raise not_found("bill", name, seen.bills)
    view, period = asked.get("view", DEFAULT), asked.get("period")
    try:
        expect_view(view, period)
    except UnknownViewError as error:
        raise Problem(400, f"{error}.") from None
    site, bill, now_ms = seen.site, seen.bills[name], request.app[WORLD].now_ms()
    return await found(
        request, lambda reader: drawn_for(view, period, sight_of(reader, site, bill, now_ms))
    )


def drawn_for(view: str, period: str | None, sight: Sight) -> dict[str, Any]:
    """A view. Raises Problem 404 for a period that is not there."""
    try:
        return drawn(view, sight, period)
    except NoSuchPeriodError as error:
        raise Problem(404, f"{sight.body['name']}: {error}.") from None


def sight_of(reader: Reader, site: SiteSpec, bill: BillView, now_ms: int) -> Sight:
    """What the views of a bill are drawn from."""
    terms = next(spec for spec in site.bills if spec.name == bill.bill)
    body = shapes.bill(bill.body, reader.periods(bill.bill, Page(limit=PERIODS_MAX)))
    began_ms = min((parse_iso(period["start"]) for period in body["periods"]), default=EVER_MS)
    own = partial(reader.slots, bill.bill)
    return Sight(
        body=body,
        terms=terms,
        calendar=Calendar(site.timezone),
        now_ms=now_ms,
        slots=lambda start_ms, end_ms: [
            *_imported(reader, terms, start_ms, min(end_ms, began_ms)),
            *own(start_ms, end_ms),
        ],
        own=own,
        samples=lambda start_ms, end_ms: reader.samples(
            bill.bill, Page(start_ms, end_ms, limit=LIMIT_MAX)
        ),
    )


def _imported(reader: Reader, terms: BillSpec, start_ms: int, end_ms: int) -> list[Slot]:
    """What other systems measured before the bill began, of the sources that are counters."""
    if end_ms <= start_ms:
        return []
    meters = [one.meter for one in terms.sources if one.kind == "energy" and one.enabled]
    return reader.imported(meters, start_ms, end_ms)


ROUTES: Final = (web.get("/v1/bills/{name}/series", series),)
