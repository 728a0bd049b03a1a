"""Closed periods: canonical bodies, and the SHA-256 chain that holds them together.

sha256 = H(previous sha256 in hexadecimal + body); the first of a bill follows "". Whoever
changes a closed period must change every later one too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import structs

from meterd.billing.figures import CLOSED, figures
from meterd.billing.period import Period, Stint, Totals
from meterd.billing.sources import Key
from meterd.billing.tariffs.metered import Metered, fraction
from meterd.billing.world import World
from meterd.events import PeriodClosed
from meterd.metering.calendar import Calendar
from meterd.specs import BillSpec

GENESIS: Final = ""
FORMAT: Final = 1
"""Version of the body, stored in it."""


class Link(NamedTuple):
    """Where in its bill's chain a period is closed, and when."""

    previous_sha256: str
    closed_ms: int


_CANONICAL: Final = msgspec.json.Encoder(order="sorted", decimal_format="string", enc_hook=str)
"""Fractions are written 1/3, the only type that is not JSON's own."""


def canonical(facts: dict[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces: the same facts are the same bytes."""
    return _CANONICAL.encode({"format": FORMAT, **facts})


def seal(previous_sha256: str, body: bytes) -> str:
    """The link of the chain that a body becomes, hexadecimal."""
    return sha256(previous_sha256.encode() + body).hexdigest()


def closed(bill: str, period: Period, world: World, link: Link) -> PeriodClosed:
    """The period's row: its figures, terms and inputs, and its link to the one before."""
    state = period.state
    metered = period.metered()
    body = canonical(
        {
            **({} if metered is None else {"metered": metered}),
            "bill": bill,
            "figures": figures(period, world, CLOSED, state.end_ms),
            "inputs": inputs(state.totals),
            "stints": state.stints,
            "terms": _of_its_time(period, world.calendar),
            "time_zone": world.calendar.zone,
            "tz_version": world.tz_version,
        }
    )
    return PeriodClosed(
        bill,
        state.start_ms,
        state.end_ms,
        link.closed_ms,
        body,
        seal(link.previous_sha256, body),
        link.previous_sha256,
    )


def _of_its_time(period: Period, calendar: Calendar) -> BillSpec:
    """The terms, with the holidays of the period alone: a country has hundreds."""
    first, after = map(calendar.date_of, period.span())
    versions = tuple(
        structs.replace(
            version, holidays=tuple(day for day in version.holidays if first <= day <= after)
        )
        for version in period.terms.tariff
    )
    return structs.replace(period.terms, tariff=versions)


def inputs(totals: Mapping[Key, Totals]) -> list[dict[str, Any]]:
    """What each source of a period contributed."""
    return [input_row(key, totals[key]) for key in sorted(totals)]


def input_row(key: Key, totals: Totals) -> dict[str, Any]:
    """What one source contributed, with the hash of all its samples."""
    meter, _quantity, method, phase = key
    return {
        "meter": meter,
        "method": method,
        "phase": phase,
        "energy_j": totals.amount,
        "gap_j": totals.gap,
        "questionable_j": totals.questionable,
        "covered_ms": totals.covered_ms,
        "samples": totals.samples,
        "discarded": totals.discarded,
        "sha256": totals.digest.hex(),
    }


class Sealed(msgspec.Struct, frozen=True):
    """A closed period's body as it is read again; figures and inputs as they were written."""

    bill: str
    figures: dict[str, Any]
    inputs: list[dict[str, Any]]
    terms: BillSpec
    time_zone: str
    tz_version: str
    stints: list[Stint] = []
    metered: Metered | None = None


_SEALED: Final = msgspec.json.Decoder(Sealed, dec_hook=fraction)


def sealed(body: bytes) -> Sealed:
    """What a body says. Raises ValueError where it is none of ours."""
    return _SEALED.decode(body)


def broken(periods: Iterable[PeriodClosed]) -> list[PeriodClosed]:
    """The periods of one bill, oldest first, whose link does not hold; [] when all do."""
    bad = []
    previous = GENESIS
    for period in periods:
        if period.previous_sha256 != previous or period.sha256 != seal(previous, period.body):
            bad.append(period)
        previous = period.sha256
    return bad
