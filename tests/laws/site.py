"""Four meters, one with a tariff, two records and two bills, lived through the pipeline."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from tests.laws.lives import CLOCKS, ENERGY, HOUR_MS, KWH, Round, inputs, registers, rounds

from meterd.events import Input, Output, RecordRow, Tick
from meterd.orders import RECORD_ORDERS, RecordOrdered
from meterd.pipeline import Pipeline
from meterd.specs import (
    STRICT,
    BillSpec,
    DemandSpec,
    MeterSpec,
    RecordSpec,
    RegisterSpec,
    SiteSpec,
    SourceSpec,
)
from meterd.tariff import Amount, DemandRate, EnergyRate, TariffSpec, Tier

METERS: Final = 4
COUNTERS: Final = ("a", "b")
ROUNDS: Final = 12
FEWER: Final = settings(max_examples=settings().max_examples // 2)
"""A site's life is long."""
T = TypeVar("T")


class Life(NamedTuple):
    """A site and all it hears, round by round."""

    site: SiteSpec
    heard: list[list[Input]]


STRICTLY: Final = RegisterSpec(ENERGY, count=KWH, per_hour=100 * KWH, on_decrease=STRICT)
SOURCES: Final = (
    SourceSpec("a"), SourceSpec("b"), SourceSpec("p", "power"), SourceSpec("v", "volt_ampere"),
)  # fmt: skip
TARIFF: Final = TariffSpec(
    "t",
    "EUR",
    energy=(EnergyRate("energy", (Tier(Decimal("0.4"), Decimal(20)), Tier(Decimal("0.3")))),),
    demand=(DemandRate("peak", (Tier(Decimal(2)),), 900_000, 900_000),),
    fixed=(Amount(Decimal(30)),),
)
RECORDS: Final = (
    RecordSpec("line a", "a", ENERGY, max_duration_ms=6 * HOUR_MS),
    RecordSpec("line b", "b", ENERGY, schedule="30 2,14 * * *", on_rollover=False),
    RecordSpec("line p", "p", ENERGY),
)


def _site(register: RegisterSpec, day: int, grace_h: int, ceiling_kw: int | None) -> SiteSpec:
    return SiteSpec(
        "hq",
        "Europe/Berlin",
        meters=(
            MeterSpec("a", registers=(register,), integrate=True, cost_per_kwh=Decimal("0.3")),
            MeterSpec("b", registers=(STRICTLY,), tariff="t"),
            MeterSpec("p", integrate=True),
            MeterSpec("v", estimate=("",)),
        ),
        records=RECORDS,
        bills=(
            BillSpec(
                "hall",
                billing_day=day,
                sources=SOURCES,
                grace_ms=grace_h * HOUR_MS,
                max_source_kw=None if ceiling_kw is None else Decimal(ceiling_kw),
            ),
            BillSpec(
                "peak", "demand", day, sources=SOURCES[:2], demand=DemandSpec(900_000, 300_000)
            ),
        ),
        accounts=(BillSpec("b", sources=SOURCES[1:2], tariff=(TARIFF,)),),
    )


SITES = st.builds(
    _site, registers(), st.sampled_from([1, 29, 30, 31]), st.sampled_from([0, 1, 48]),
    st.sampled_from([None, 50]),
)  # fmt: skip


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """A site, its meters' rounds, orders now and then, and much silence at the end."""
    site = draw(SITES)
    turns: list[Round] = draw(rounds(METERS, ROUNDS))
    clock = draw(st.sampled_from(CLOCKS))
    heard = inputs(list(site.meters), turns, clock)
    for turn, told in zip(turns, heard, strict=True):
        value = turn.polls[0].value
        if value % 4 == 0:
            order = RECORD_ORDERS[value // 4 % len(RECORD_ORDERS)]
            told.append(RecordOrdered("line a", told[-1].at_ms, "ann", order))
    silence = draw(st.booleans())
    if heard and silence:
        end_ms = max(item.at_ms for told in heard for item in told)
        heard.append([Tick(end_ms + 1), Tick(end_ms + 40 * 24 * HOUR_MS)])
    return Life(site, heard)


class Run(NamedTuple):
    """A pipeline that has lived, and all it has said."""

    pipeline: Pipeline
    outputs: list[Output]


def run(life: Life, *, takes: Collection[int] = (), kills: Collection[int] = ()) -> Run:
    """Live a life. takes: rounds after which is written down; kills: and begun again."""
    pipeline = Pipeline(life.site, {})
    states: dict[tuple[str, str], bytes] = {}
    outputs: list[Output] = []
    for place, told in enumerate(life.heard):
        for item in told:
            pipeline.feed(item)
        if place in takes or place in kills:
            said, snapshot = pipeline.take(views=False)
            outputs += said
            states |= {(saved.kind, saved.key): saved.body for saved in snapshot.saved}
        if place in kills:
            pipeline = Pipeline(life.site, states)
    outputs += pipeline.take()[0]
    return Run(pipeline, outputs)


def only(type_: type[T], outputs: Iterable[Output]) -> list[T]:
    """The outputs of one type."""
    return [output for output in outputs if isinstance(output, type_)]


def facts(outputs: Iterable[Output]) -> list[Output]:
    """All outputs but records as they stood in between, which depends on when one looks."""
    return [output for output in outputs if not isinstance(output, RecordRow)]


def records(outputs: Iterable[Output]) -> dict[str, RecordRow]:
    """id -> the record as it stood last, but for a restart's doubt (UNKNOWN)."""
    rows = {row.id: row for row in only(RecordRow, outputs)}
    return {
        id_: msgspec.structs.replace(row, status="RUNNING") if row.status == "UNKNOWN" else row
        for id_, row in rows.items()
    }


def without_ids(outputs: Iterable[Output]) -> list[str]:
    """Outputs as text, in no order, without the ids that the order gives."""
    return sorted(str(_bare(output)) for output in outputs)


def _bare(output: Output) -> Any:
    body = msgspec.to_builtins(output)
    return {"type": type(output).__name__, **{k: v for k, v in body.items() if k != "id"}}
