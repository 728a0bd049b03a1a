"""The bills: how far each is in its period, where it will end, and how good its figures are."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from meterd.config.accounts import GRANTED
from meterd.metering.calendar import parse_iso
from meterd.web.charts.gauges import mix, progress
from meterd.web.charts.svg import Svg
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Cell, Table, cell
from meterd.web.pages.words import NONE, amount, money, percent, span
from meterd.web.tongues import say
from meterd.web.world import Reader

COLUMNS: Final = (
    "Bill", "Period", "Progress", "Used", "Allowance", "Projection", "Cost so far", "Accuracy",
    "Sources",
)  # fmt: skip
METHODS: Final = ("measured", "integrated", "estimated")


def bills(seen: Seen, reader: Reader) -> Sheet:
    """The list."""
    return Sheet("bills.html", "Bills", {}, (bill_table(seen, reader),))


def bill_table(seen: Seen, _reader: Reader) -> Table:
    """Bills by their period that is open; the fullest first."""
    bodies = sorted((view.body for view in seen.bills.values()), key=_fullness, reverse=True)
    return Table(
        "bills", "Bills", COLUMNS, [row(seen, body) for body in bodies], frozenset({3, 4, 5, 6}),
        empty="No bill is configured.",
    )  # fmt: skip


def _fullness(body: dict[str, Any]) -> float:
    now = newest(body)
    return float((now and now["percent"]) or -1)


def newest(body: dict[str, Any]) -> dict[str, Any] | None:
    """The period that is open, or closed last."""
    periods: list[dict[str, Any]] = body["periods"]
    return periods[-1] if periods else None


def row(seen: Seen, body: dict[str, Any]) -> tuple[Cell, ...]:
    """One bill."""
    name, unit, now = body["name"], body["unit"], newest(body)
    linked = cell(name, href=f"/bills/{name}")
    if now is None:
        return (linked, cell(say("no period yet")), *(cell(NONE) for _ in range(6)), sources(body))
    cost = now["cost"] or {"total": None, "currency": ""}
    return (
        linked,
        cell(span(now["start"], now["end"], seen.calendar)),
        Cell(burn_words(now), exact=now["percent"], drawn=burn_bar(seen, now)),
        cell(amount(now["used"], unit), exact=now["used"]),
        cell(amount(now["allowance"], unit), exact=now["allowance"]),
        cell(amount(now["projection"], unit), exact=now["projection"]),
        cell(money(cost["total"], cost["currency"]), exact=cost["total"]),
        Cell(say(now["accuracy"] or NONE), exact=now["accuracy"] or NONE, drawn=mix_bar(now)),
        sources(body),
    )


def burn_words(period: dict[str, Any]) -> str:
    """How much of the allowance is used."""
    if period["percent"] is None:
        return say("no allowance")
    return say("{part} used", part=percent(float(period["percent"]) / 100))


def burn_bar(seen: Seen, period: dict[str, Any]) -> Svg | None:
    """The allowance as a bar: used, due by now, and where it will end."""
    if period["percent"] is None or not float(period["allowance"]):
        return None
    start_ms, end_ms = parse_iso(period["start"]), parse_iso(period["end"])
    elapsed = min(1.0, max(0.0, (seen.now_ms - start_ms) / (end_ms - start_ms)))
    ahead = float(period["projection"] or 0) / float(period["allowance"])
    part = float(period["percent"]) / 100
    told = say(
        "{part} of the allowance used, {elapsed} of the period gone",
        part=percent(part), elapsed=percent(elapsed),
    )  # fmt: skip
    return progress(part, told, due=elapsed, ahead=ahead)


def mix_bar(period: dict[str, Any]) -> Svg:
    """How much of the energy was measured, integrated and estimated."""
    shares = [(name, float(period["shares"][name] or 0)) for name in METHODS]
    told = ", ".join(f"{percent(share)} {say(name)}" for name, share in shares)
    return mix(shares, told)


def sources(body: dict[str, Any]) -> Cell:
    """How many, and how many of them are not well."""
    found = body["sources"]
    sick = [s for s in found if s.get("health", "ok") not in {"ok", "disabled"}]
    text = say("{count}, {sick} not well", count=len(found), sick=len(sick))
    text = text if sick else say("{count}, well", count=len(found))
    return cell(text, state=sick[0]["health"] if sick else "ok")


ROUTES: Final = (web.get("/bills", page(bills, need=GRANTED)),)
