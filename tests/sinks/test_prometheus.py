"""What a scrape shows, read back by Prometheus's own parsers and linted by promtool."""

from __future__ import annotations

import asyncio
import subprocess

import pytest
from tests.sinks.scrape import NOON_MS, bill, everything, of, scraped, sink, site, view

from meterd.sinks import Sink
from meterd.sinks.own_metrics import LinkFigures, OwnMetrics, QueueFigures, SinkFigures
from meterd.sinks.prometheus import PrometheusSink, negotiate
from meterd.specs import SiteSpec
from meterd.views import BillView

PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.1"
)


def test_a_bill_shows_the_newest_period_in_its_own_unit() -> None:
    one = sink()
    one.tell((), [], [bill()])
    values = scraped(one)
    assert of(values, "meterd_bill_used") == {"bill=tenant,unit=kwh": 123.456789012}
    assert of(values, "meterd_bill_allowance") == {"bill=tenant,unit=kwh": 5000}
    assert of(values, "meterd_bill_projection") == {"bill=tenant,unit=kwh": 4800.1}
    assert of(values, "meterd_bill_peak_watts") == {"bill=tenant": 61500}
    assert of(values, "meterd_bill_cost") == {"bill=tenant,currency=EUR": 37.04}


def test_what_a_bill_does_not_know_has_no_series() -> None:
    one = sink()
    unknown = dict.fromkeys(("used", "allowance", "projection", "peak", "cost"))
    one.tell((), [], [bill(**unknown)])
    assert not [name for name, _ in scraped(one) if name.startswith("meterd_bill")]
    one.tell((), [], [BillView("tenant", {"unit": "kWh", "periods": []})])
    assert not [name for name, _ in scraped(one) if name.startswith("meterd_bill")]


def test_pue_is_shown_by_window_and_category() -> None:
    one = sink()
    one.tell_pue({("day", "3"): 1.4375})
    assert of(scraped(one), "meterd_pue_ratio") == {"category=3,window=day": 1.4375}


def full(*names: str) -> PrometheusSink:
    one = sink(site(*names))
    one.tell((), [everything(name) for name in names], [bill()])
    return one


def test_the_number_of_series_follows_from_the_configuration_alone() -> None:
    one = full("a", "b")
    start = set(scraped(one))
    for n in range(50):
        again = view("a", at_ms=NOON_MS + n, quantities=everything().quantities)
        one.tell((), [again, everything("unconfigured")], [bill(used=str(n))])
    one.tell((), [everything("a")], [bill()])
    assert set(scraped(one, now_ms=NOON_MS + 1)) == start


def test_what_leaves_the_configuration_leaves_the_page() -> None:
    one = full("a", "b")
    one.configure(SiteSpec("hq", "UTC", meters=site("b").meters))
    values = scraped(one)
    assert {dict(labels).get("meter") for _, labels in values} == {"b", None}
    assert not [name for name, _ in values if name.startswith("meterd_bill")]
    one.configure(site("a", "b"))
    assert of(scraped(one), "meterd_bill_used") == {}, "it starts anew"


def test_both_formats_say_the_same() -> None:
    one = full("a", "b")
    assert scraped(one, openmetrics=True) == scraped(one, openmetrics=False)


def test_openmetrics_says_the_unit_and_where_it_ends() -> None:
    body = full("a").exposition(NOON_MS, True).decode()
    assert "# UNIT meterd_energy_joules joules\n" in body
    assert body.endswith("\n# EOF\n")
    assert body.count("# EOF") == 1
    assert not [line for line in body.splitlines() if not line]


def own() -> OwnMetrics:
    metrics = OwnMetrics("0.1.0")
    metrics.declare(["hall"], ["readings"], ["mqtt"])
    metrics.links["hall"] = LinkFigures(True, 10, {"timeout": 1}, 1250, 3)
    metrics.queues["readings"] = QueueFigures(2, 1)
    metrics.sinks["mqtt"] = SinkFigures(True, 5)
    metrics.committed(0.004)
    return metrics


@pytest.mark.process
def test_promtool_finds_nothing_to_complain_about() -> None:
    one = PrometheusSink(own(), site("a", "b"))
    one.tell((), [everything("a"), everything("b")], [bill()])
    one.tell_pue({("day", "3"): 1.4})
    done = subprocess.run(
        ["/usr/bin/promtool", "check", "metrics"],
        input=one.exposition(NOON_MS, False),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr.decode(), done.stdout.decode()) == (0, "", "")


def test_the_daemons_own_metrics_stand_beside_the_sites() -> None:
    values = scraped(PrometheusSink(own(), site("a")))
    assert of(values, "meterd_polls_total") == {"connection=hall": 10}
    assert of(values, "meterd_outbox_depth") == {"sink=mqtt": 5}


@pytest.mark.parametrize(
    ("accept", "openmetrics"),
    [
        ("", False),
        ("*/*", False),
        ("text/html,*/*;q=0.8", False),
        ("text/plain;version=0.0.4", False),
        ("application/openmetrics-text", True),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            True,
        ),
        ("application/openmetrics-text; version=1.0.0; q=0.3,text/plain;q=0.5", False),
        ("application/openmetrics-text;version=0.0.1", False),
        ("application/openmetrics-text;q=0", False),
        ("application/openmetrics-text;q=much", False),
        (PROMETHEUS_3, True),
    ],
)
def test_the_format_is_the_one_the_scraper_prefers(accept: str, openmetrics: bool) -> None:
    assert negotiate(accept) is openmetrics


async def test_it_has_no_facts_and_nothing_to_do() -> None:
    one: Sink = sink()
    assert one.facts([], 1, "e") == []
    running = asyncio.create_task(one.run())
    await one.close()
    await running
