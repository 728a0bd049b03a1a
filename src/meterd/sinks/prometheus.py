"""Prometheus: the newest committed view of every meter and bill, scraped from memory.

A scrape waits for no device and reads no store. It shows what has been committed and nothing
else, so a counter that was seen cannot fall after a crash. Series exist for what the
configuration names; what leaves it goes with `configure`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from meterd.events import Output
from meterd.sinks import Fact
from meterd.sinks.own_metrics import OwnMetrics
from meterd.sinks.prometheus_text import Lines, MeterText, add_bill, labelled, text
from meterd.specs import SiteSpec
from meterd.views import BillView, MeterView

OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
CLASSIC: Final = "text/plain; version=0.0.4; charset=utf-8"


class PrometheusSink:
    """What `/metrics` shows. own: the daemon's own metrics, shown after the site's."""

    name = "prometheus"

    def __init__(self, own: OwnMetrics, site: SiteSpec) -> None:
        self._own = own
        self._views: dict[str, MeterView] = {}
        self._bill_views: dict[str, BillView] = {}
        self._pue: dict[tuple[str, str], float] = {}
        self._unaccounted: dict[str, int] = {}
        self._stop = asyncio.Event()
        self.configure(site)

    def configure(self, site: SiteSpec) -> None:
        """Show these meters and bills from now on, and no others."""
        self._site = site.name
        self._meters = {meter.name: MeterText(site.name, meter) for meter in site.meters}
        self._bills = [bill.name for bill in site.bills]
        self._views = {n: view for n, view in self._views.items() if n in self._meters}
        self._bill_views = {n: view for n, view in self._bill_views.items() if n in self._bills}

    def facts(self, outputs: Sequence[Output], first_seq: int, epoch: str) -> list[Fact]:
        """None: Prometheus asks when it wants to know."""
        return []

    def tell(
        self, outputs: Sequence[Output], meters: Sequence[MeterView], bills: Sequence[BillView]
    ) -> None:
        """Keep the newest views."""
        self._views.update((view.meter, view) for view in meters)
        self._bill_views.update((view.bill, view) for view in bills)

    def tell_pue(self, ratios: Mapping[tuple[str, str], float]) -> None:
        """Keep the newest PUE by (window, category); what is not known is left out."""
        self._pue = dict(ratios)

    def tell_unaccounted(self, joules: Mapping[str, int]) -> None:
        """Keep what each parent meter and its children differ by, over all that was compared."""
        self._unaccounted = dict(joules)

    def exposition(self, now_ms: int, openmetrics: bool) -> bytes:
        """Everything, in one of the two formats (`negotiate`). now_ms: wall clock."""
        lines: Lines = defaultdict(list)
        for name, meter in self._meters.items():
            meter.add(lines, self._views.get(name), now_ms)
        for name in self._bills:
            if name in self._bill_views:
                add_bill(lines, self._site, self._bill_views[name])
        for (window, category), ratio in self._pue.items():
            labels = {"site": self._site, "window": window, "category": category}
            lines["meterd_pue_ratio"].append(f"{labelled('meterd_pue_ratio', labels)}{ratio:.12g}")
        name = "meterd_unaccounted_joules"
        for parent, joules in self._unaccounted.items():
            labels = {"meter": parent, "site": self._site}
            lines[name].append(f"{labelled(name, labels)}{joules}")
        end = b"# EOF\n" if openmetrics else b""
        return text(lines, openmetrics).encode() + self._own.render(openmetrics) + end

    async def run(self) -> None:
        """Nothing to do between scrapes."""
        await self._stop.wait()

    async def close(self) -> None:
        """Let `run` return."""
        self._stop.set()


def negotiate(accept: str) -> bool:
    """Whether OpenMetrics is wanted at least as much as plain text, by an Accept header."""
    wanted, plain = 0.0, 0.0
    for offer in accept.lower().split(","):
        media, *rest = (part.strip() for part in offer.split(";"))
        said = dict(part.partition("=")[::2] for part in rest)
        weight = _weight(said.get("q", "1"))
        if media == "application/openmetrics-text":
            known = said.get("version", "1.0.0") == "1.0.0"
            wanted = max(wanted, weight if known else 0.0)
        elif media in {"text/plain", "text/*", "*/*"}:
            plain = max(plain, weight)
    return wanted > 0 and wanted >= plain


def _weight(text_: str) -> float:
    try:
        return float(text_)
    except ValueError:
        return 0.0
