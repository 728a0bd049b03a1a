"""What whoever asks may see: everything from level 5 on, else the bills that were granted.

With a bill its sources are seen, for without them it could not be understood; nothing else of
the site is. What is not seen is not there: 404, and no list, guess or count tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from aiohttp import web

from meterd.specs import SiteSpec
from meterd.views import BillView, MeterView, SiteView
from meterd.web.answers import WORLD
from meterd.web.caller import Caller, caller_of
from meterd.web.world import LineView, World


class Visible(msgspec.Struct, frozen=True):
    """The part of the world that a caller may see; the names are those of `World`."""

    site: SiteSpec
    meters: Mapping[str, MeterView]
    bills: Mapping[str, BillView]
    whole: SiteView
    lines: Sequence[LineView]


def visible(request: web.Request) -> Visible:
    """What whoever sent a request may see."""
    return narrowed(request.app[WORLD], caller_of(request))


def narrowed(world: World, caller: Caller) -> Visible:
    """What somebody may see."""
    site = world.site
    if caller.sees_all:
        return Visible(site, dict(world.meters), dict(world.bills), world.whole, world.lines)
    bills = tuple(bill for bill in site.bills if bill.name in caller.bills)
    meters = {source.meter for bill in bills for source in bill.sources}
    names = {bill.name for bill in bills}
    less = msgspec.structs.replace(
        site,
        bills=bills,
        meters=tuple(spec for spec in site.meters if spec.name in meters),
        records=(),
        chain=(),
    )
    return Visible(
        less,
        {name: view for name, view in world.meters.items() if name in meters},
        {name: view for name, view in world.bills.items() if name in names},
        SiteView(),
        (),
    )
