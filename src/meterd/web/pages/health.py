"""How well a meter is: a word, and a sentence for it, from its newest view."""

from __future__ import annotations

from typing import NamedTuple

from meterd.specs import MeterSpec
from meterd.views import MeterView
from meterd.web.pages.words import age
from meterd.web.tongues import say


class Health(NamedTuple):
    """state: ok, stale, questionable, offline, never, planned or retired. told: in words."""

    state: str
    told: str

    @property
    def well(self) -> bool:
        """Whether nobody need look at it."""
        return self.state in {"ok", "planned", "retired"}


def health(spec: MeterSpec, view: MeterView | None, now_ms: int) -> Health:
    """A meter's health. Stale: its last reading is older than it may be silent."""
    if spec.status in {"planned", "decommissioned"}:
        return Health("planned" if spec.status == "planned" else "retired", say(spec.status))
    if view is None or view.at_ms is None:
        return Health("never", say("no reading yet"))
    since = age(view.at_ms, now_ms)
    if not view.online:
        return Health("offline", say("off line, last reading {since}", since=since))
    if now_ms - view.at_ms > spec.silent_after_ms:
        return Health("stale", say("last reading {since}", since=since))
    if view.quality != "good":
        quality = say(view.quality or "")
        return Health(
            "questionable", say("quality {quality}, {since}", quality=quality, since=since)
        )
    return Health("ok", since)
