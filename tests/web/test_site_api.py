"""Probes, metrics, the site, and a new configuration."""

from __future__ import annotations

import pytest
from tests.web.asking import Client
from tests.web.house import NOON_MS, Daemon
from tests.web.people import NOW_MS

from meterd.views import BalanceView, PueFigure, SiteView
from meterd.web.site import wants_openmetrics

PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
ACCEPTS = {
    "": False,
    "*/*": False,
    "text/plain": False,
    "text/html,application/xhtml+xml,*/*;q=0.8": False,
    "application/openmetrics-text": True,
    "application/openmetrics-text; version=1.0.0": True,
    'application/openmetrics-text; version="1.0.0"; charset=utf-8': True,
    "APPLICATION/OpenMetrics-Text": True,
    PROMETHEUS_3: True,
    "application/openmetrics-text;q=0.5,text/plain;q=0.5": True,
    "application/openmetrics-text;q=0.4,text/plain;q=0.5": False,
    "application/openmetrics-text;q=0.4,text/*": False,
    "application/openmetrics-text;q=0,*/*;q=0": False,
    "application/openmetrics-text;version=2.0.0,text/plain;q=0.1": False,
    "application/openmetrics-text;q=nonsense": False,
    ";,;;q=,": False,
}


@pytest.mark.parametrize(("accept", "wanted"), ACCEPTS.items())
def test_openmetrics_only_for_who_likes_it_at_least_as_much(accept: str, wanted: bool) -> None:
    assert wants_openmetrics(accept) is wanted


@pytest.mark.parametrize(
    ("accept", "kind", "openmetrics"),
    [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8", 0),
        (PROMETHEUS_3, "application/openmetrics-text; version=1.0.0; charset=utf-8", 1),
    ],
)
async def test_metrics_come_in_the_format_asked_for_as_of_now(
    accept: str, kind: str, openmetrics: int, browser: Client
) -> None:
    answer = await browser.ask("/metrics", headers={"Accept": accept})
    assert (answer.headers["Content-Type"], answer.headers["Vary"]) == (kind, "Accept")
    assert answer.body == b"# at %d openmetrics %d\n" % (NOW_MS, openmetrics)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_probe_says_why_not(path: str, stranger: Client, daemon: Daemon) -> None:
    assert ((await stranger.ask(path)).status, (await stranger.ask(path, "HEAD")).status) == (
        200,
        200,
    )
    daemon.trouble = "the store is not open yet"
    answer = await stranger.ask(path)
    assert (answer.status, answer.json["detail"]) == (503, "the store is not open yet")


async def test_the_site(browser: Client) -> None:
    assert (await browser.ask("/v1/site")).json == {
        "name": "hq",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "sampling_s": 300.0,
        "time": "2026-01-01T14:00:00Z",
        "meters": ["main", "rack-12"],
        "records": ["Conveyor water"],
        "bills": ["tenant-a"],
        "pue": [],
        "unaccounted": [],
    }


async def test_the_site_as_a_whole(browser: Client, daemon: Daemon) -> None:
    pue = PueFigure(3, "day", NOON_MS, NOW_MS, 3_600_000, 1_800_000, 1.0, 1.0, 2.0)
    daemon.whole = SiteView((pue,), (BalanceView("main", ("rack-12",), 2.0, 9, 8, 1, 0, None),))
    site = (await browser.ask("/v1/site")).json
    assert [(one["window"], one["ratio"]) for one in site["pue"]] == [("day", 2.0)]
    assert [one["unaccounted_kwh"] for one in site["unaccounted"]] == ["0.000000278"]


async def test_a_configuration_is_taken_or_refused_whole(operator: Client, daemon: Daemon) -> None:
    assert (await operator.ask("/v1/reload", "POST")).json == {"reloaded": True}
    daemon.refusal = 'meterd.yaml:14: no profile "eastron/sdm63O"'
    answer = await operator.ask("/v1/reload", "POST")
    assert (answer.status, answer.json["detail"]) == (422, daemon.refusal)
    assert daemon.reloads == 2
