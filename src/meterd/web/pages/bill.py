"""A bill: where its period stands, its graphs, its sources, its lines and its history."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from meterd.config.accounts import GRANTED
from meterd.shapes.periods import began
from meterd.shapes.series.views import OF_A_PERIOD
from meterd.shapes.statement.formats import FORMATS
from meterd.web.pages.bill_forms import address
from meterd.web.pages.bill_views import Drawn, drawn
from meterd.web.pages.bills import burn_bar, burn_words, mix_bar
from meterd.web.pages.sheet import Seen, Sheet, choice, page
from meterd.web.pages.tables import Table, cell
from meterd.web.pages.words import amount, exact, instant, minute, money, percent, plain, span
from meterd.web.problems import Problem, not_found
from meterd.web.series import drawn_for, sight_of
from meterd.web.tongues import say
from meterd.web.world import Reader

VIEWS: Final = {
    "billing": "Billing view", "24h": "24 hours", "month": "Month", "previous": "Previous",
    "cumulative": "Cumulative", "hourly": "Hourly profile", "samples": "Recent samples",
}  # fmt: skip
"""In the order of their tabs; the first is shown unless another is asked for."""


def bill(seen: Seen, reader: Reader) -> Sheet:
    """The page of one bill: a view, of a period where the view is of one."""
    if seen.name not in seen.bills:
        raise not_found("bill", seen.name, seen.bills)
    view = choice(seen.asked, "view", tuple(VIEWS))
    asked = seen.asked.get("period")
    if asked and view not in OF_A_PERIOD:
        raise Problem(400, f"The view {view!r} is of no one period; leave `period` out.")
    sight = sight_of(reader, seen.site, seen.bills[seen.name], seen.now_ms)
    series = drawn_for(view, asked, sight)
    body, shown = sight.body, _period(sight.body, series)
    graph = drawn(view, seen, series)
    tables = [
        *([] if graph is None else [graph.table]), source_table(seen, body),
        history_table(seen, body), cost_table(shown), adjustment_table(seen, shown),
    ]  # fmt: skip
    return Sheet("bill.html", body["name"], _context(seen, body, shown, graph), tuple(tables))


def _period(body: dict[str, Any], series: dict[str, Any]) -> dict[str, Any] | None:
    """The period that is looked at: the view's, else the newest."""
    if series.get("period"):
        found: dict[str, Any] = series["period"]
        return found
    return body["periods"][-1] if body["periods"] else None


def _context(
    seen: Seen, body: dict[str, Any], shown: dict[str, Any] | None, graph: Drawn | None
) -> dict[str, Any]:
    view = choice(seen.asked, "view", tuple(VIEWS))
    asked = seen.asked.get("period")
    day = began(shown, seen.calendar) if shown else None
    kept = {"period": asked} if asked else {}
    tabs = [
        (name, title, "?" + urlencode({"view": name, **(kept if name in OF_A_PERIOD else {})}))
        for name, title in VIEWS.items()
    ]
    downloads = [
        (word, f"/v1/bills/{body['name']}/statement?" + urlencode({"format": word, "period": day}))
        for word in FORMATS
    ]
    return {
        "bill": body,
        "view": view,
        "tabs": tabs,
        "graph": graph,
        "period": None if shown is None else span(shown["start"], shown["end"], seen.calendar),
        "status": None if shown is None else shown["status"],
        "facts": [] if shown is None else facts(seen, body, shown),
        "burn": None if shown is None else burn_bar(seen, shown),
        "burn_words": "" if shown is None else burn_words(shown),
        "mix": None if shown is None else mix_bar(shown),
        "downloads": downloads if shown else [],
        "whole": view in OF_A_PERIOD,
        "add_source": address(body["name"]),
    }


def facts(seen: Seen, body: dict[str, Any], shown: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(name, rounded, exact) of the figures of a period."""
    unit, cost = body["unit"], shown["cost"] or {"total": None, "currency": ""}
    figures = [
        ("Used", shown["used"], unit), ("Allowance", shown["allowance"], unit),
        ("Overage", shown["overage"], unit), ("Projection", shown["projection"], unit),
        ("Energy", shown["energy_kwh"], "kWh"), ("Peak", shown["peak"], "kW"),
        ("Average", shown["average"], "kW"), ("Not billed", shown["unbilled_kwh"], "kWh"),
    ]  # fmt: skip
    rows = [(say(name), amount(value, of), exact(value, of)) for name, value, of in figures]
    rows.insert(6, (say("Peak at"), minute(shown["peak_start"], seen.calendar), ""))
    rows.append((say("Covered"), percent(shown["coverage"], 1), ""))
    rows.append((say("Booked across gaps"), percent(shown["shares"]["gap"], 2), ""))
    rows.append((say("Cost"), money(cost["total"], cost["currency"]), ""))
    return rows


def source_table(seen: Seen, body: dict[str, Any]) -> Table:
    """What the bill is made of, and how each part is; a meter's own page is not for all."""
    linked = "/meters/{}" if seen.caller.sees_all else ""
    rows = [
        (
            cell(source["meter"], href=linked.format(source["meter"])),
            cell(plain(source["kind"])),
            cell(source.get("phase") or ""),
            cell(say("enabled" if source["enabled"] else "disabled")),
            cell(say(health), exact=health, state=health),
            cell(instant(source.get("last"), seen.calendar), exact=source.get("last")),
        )
        for source in body["sources"]
        for health in (source.get("health", "ok"),)
    ]
    columns = ("Meter", "Reads", "Phase", "Switch", "Health", "Last")
    return Table("sources", "Sources", columns, rows, empty="The bill has no source.")


def history_table(seen: Seen, body: dict[str, Any]) -> Table:
    """Closed periods, newest first; each leads to its graph."""
    unit, rows = body["unit"], []
    for row in reversed(body["periods"]):
        if row["status"] != "closed":
            continue
        cost = row["cost"] or {"total": None, "currency": ""}
        link = "?" + urlencode({"view": "billing", "period": began(row, seen.calendar)})
        rows.append((
            cell(span(row["start"], row["end"], seen.calendar), href=link),
            cell(amount(row["used"], unit), exact=row["used"]),
            cell(amount(row["allowance"], unit), exact=row["allowance"]),
            cell(amount(row["overage"], unit), exact=row["overage"]),
            cell(amount(row["peak"], "kW"), exact=row["peak"]),
            cell(amount(row["energy_kwh"], "kWh"), exact=row["energy_kwh"]),
            cell(say(row["accuracy"] or ""), exact=row["accuracy"] or ""),
            cell(money(cost["total"], cost["currency"]), exact=cost["total"]),
        ))  # fmt: skip
    columns = ("Period", "Used", "Allowance", "Overage", "Peak", "Energy", "Accuracy", "Cost")
    return Table(
        "history", "Historical usage", columns, rows, frozenset({1, 2, 3, 4, 5, 7}),
        empty="No period is closed yet.",
    )  # fmt: skip


def cost_table(shown: dict[str, Any] | None) -> Table:
    """The lines of the bill, rounded as they are printed."""
    cost: dict[str, Any] = (shown or {}).get("cost") or {"lines": []}
    rows = []
    for line in cost["lines"]:
        unit = line["unit"]
        rows.append((
            cell(plain(line["name"])),
            cell(exact(line["quantity"], unit), exact=line["quantity"]),
            cell(exact(line["rate"]), exact=line["rate"]),
            cell(money(line["amount"], cost["currency"]), exact=line["amount"]),
        ))  # fmt: skip
    if cost["lines"]:
        total = cell(money(cost["total"], cost["currency"]), exact=cost["total"], state="total")
        rows.append((cell(say("Total"), state="total"), cell(""), cell(""), total))
    columns = ("Item", "Amount used", "Rate", "Price")
    return Table("cost", "Cost", columns, rows, frozenset({1, 2, 3}), empty="There is no price.")


def adjustment_table(seen: Seen, shown: dict[str, Any] | None) -> Table:
    """What came to light after a period was closed, and is carried by this one."""
    rows = [
        (
            cell(instant(one["time"], seen.calendar), exact=one["time"]),
            cell(minute(one["period"], seen.calendar), exact=one["period"]),
            cell(plain(one["reason"])),
            cell(amount(one["kwh"], "kWh"), exact=one["kwh"]),
        )
        for one in ([] if shown is None else shown["adjustments"])
    ]
    columns = ("Time", "Of the period from", "Reason", "Energy")
    return Table("adjustments", "Adjustments", columns, rows, frozenset({3}))


ROUTES: Final = (web.get("/bills/{name}", page(bill, ("view", "period"), GRANTED)),)
