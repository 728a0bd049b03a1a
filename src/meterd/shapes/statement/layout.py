"""How a statement is laid out for people: sections of pairs, tables and sentences, once for
text, page and PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from meterd.shapes.statement.figures import NONE, cents, percent, quantity
from meterd.shapes.statement.notes import notes
from meterd.shapes.statement.statement import SourcePart, Statement

PROVISIONAL: Final = "PROVISIONAL"
NO_COST: Final = (
    "No cost is known: no source has a rate, or the tariff has no price for some of the energy."
)
REASONS: Final = {"late_data": "data arrived late"}


class Table(msgspec.Struct, frozen=True):
    """Cells as text. right: places of the columns that are numbers. total: the last row is."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()
    total: bool = False


class Section(msgspec.Struct, frozen=True):
    """A heading and what stands under it, in this order."""

    title: str
    pairs: Sequence[tuple[str, str]] = ()
    table: Table | None = None
    sentences: Sequence[str] = ()


class Layout(msgspec.Struct, frozen=True):
    """The whole. banner: what must not be overlooked. mark: what the QR code says, or None."""

    title: str
    period: str
    banner: str | None
    sections: Sequence[Section]
    mark: str | None


def layout(st: Statement) -> Layout:
    """The statement for people."""
    sections = (
        _head(st), _charges(st), _usage(st), _readings(st), _knowledge(st), _adjusted(st),
        _corrected(st), Section("Terms", sentences=st.terms), _sealed(st),
    )  # fmt: skip
    kept = [one for one in sections if one.pairs or one.table or one.sentences]
    mark = None if st.seal is None else f"meterd {st.bill} {st.period} sha256:{st.seal.sha256}"
    return Layout(f"Statement of {st.bill}", _days(st), _banner(st), kept, mark)


def _days(st: Statement) -> str:
    """From the first day to the last, which is in it; a period ends as a day begins."""
    last = date.fromisoformat(st.end_local[:10]) - timedelta(days=1)
    return f"{st.start_local[:10]} to {last.isoformat()}"


def _banner(st: Statement) -> str | None:
    if not st.provisional:
        return None
    return f"{PROVISIONAL}: this period is {st.status}, as of {st.as_of}; its figures will change."


def _head(st: Statement) -> Section:
    rules = f" (rules {st.tz_version})" if st.tz_version else ""
    return Section(
        "Period",
        (
            ("Bill", st.bill),
            ("Site", st.site),
            ("From", st.start_local),
            ("Until, not included", st.end_local),
            ("Time zone", f"{st.time_zone}{rules}"),
            ("Status", st.status),
            *([] if st.cost is None else [("Amount", f"{st.cost['total']} {st.cost['currency']}")]),
        ),
    )


def _charges(st: Statement) -> Section:
    if st.cost is None:
        return Section("Charges", sentences=[NO_COST])
    currency = st.cost["currency"]
    rows = [
        (line["name"], quantity(line["quantity"]), line["unit"], line["rate"], line["amount"])
        for line in st.cost["lines"]
    ]
    rows.append(("Total", "", "", "", st.cost["total"]))
    columns = ("", "Quantity", "Unit", f"Rate, {currency}", f"Amount, {currency}")
    return Section("Charges", table=Table(columns, rows, frozenset({1, 3, 4}), total=True))


def _usage(st: Statement) -> Section:
    pairs = [("Used", quantity(st.used, st.unit))]
    if st.allowance is not None:
        part = "" if st.percent is None else f", of which {cents(Decimal(st.percent))} % are used"
        pairs.append(("Allowance", quantity(st.allowance, st.unit) + part))
        pairs.append(("Above it", quantity(st.overage, st.unit)))
    pairs += [
        ("Energy", quantity(st.energy_kwh, "kWh")),
        ("Average power", quantity(st.average_kw, "kW")),
        ("Peak demand", quantity(st.peak, st.unit if st.type == "demand" else "kW")),
    ]
    if st.peak_local is not None:
        pairs.append(("Peak from", st.peak_local))
    if st.projection is not None:
        pairs.append(("Projected for the period", quantity(st.projection, st.unit)))
    return Section("Usage", pairs)


def _readings(st: Statement) -> Section:
    rows = [_reading(source) for source in st.sources]
    columns = ("Meter", "Method", "Reading at start", "at end", "Difference", "Billed, kWh")
    sentences = [sentence for source in st.sources for sentence in notes(source)]
    table = Table(columns, rows, frozenset({2, 3, 4, 5})) if rows else None
    return Section("Meters", table=table, sentences=sentences)


def _reading(source: SourcePart) -> tuple[str, ...]:
    name = f"{source.meter} {source.phase}" if source.phase else source.meter
    start, end = source.start, source.end
    if start is None or end is None:
        return name, source.method, NONE, NONE, NONE, quantity(source.energy_kwh)
    difference = str(Decimal(end.lifetime_kwh) - Decimal(start.lifetime_kwh))
    return (
        name, source.method, quantity(start.lifetime_kwh), quantity(end.lifetime_kwh),
        quantity(difference), quantity(source.energy_kwh),
    )  # fmt: skip


def _knowledge(st: Statement) -> Section:
    shares = st.shares
    pairs = [(name.capitalize(), percent(shares[name])) for name in _METHODS]
    pairs += [
        ("Of it over gaps in the readings", percent(shares["gap"])),
        ("Of it known only as a minimum", percent(shares["questionable"])),
        ("Time covered", percent(st.coverage)),
        ("Known to be used, not billed", quantity(st.unbilled_kwh, "kWh")),
    ]
    return Section("How it is known", pairs, sentences=list(_doubt(st)))


_METHODS: Final = ("measured", "integrated", "estimated")


def _doubt(st: Statement) -> Iterator[str]:
    found = st.uncertainty
    if found is None:
        yield "No uncertainty is stated: no meter of this bill has an accuracy class."
        return
    part = "" if found.covers > 0.999_999 else f", for the {100 * found.covers:.1f} % with a class"
    yield (
        f"Expanded uncertainty of the energy (k = 2): ± {found.kwh:.3f} kWh, "
        f"{found.percent:.2f} %{part}, from the limits of the accuracy classes."
    )
    if not found.whole:
        yield "Transformers whose class is not configured are not in it."


def _adjusted(st: Statement) -> Section:
    rows = [
        (
            row["period"], row["time"], REASONS.get(row["reason"], row["reason"]),
            quantity(row["kwh"]), quantity(row["before"]), quantity(row["after"]),
        )
        for row in st.adjustments
    ]  # fmt: skip
    columns = ("Of the period from", "Came to light", "Reason", "kWh", "Before", "After")
    table = Table(columns, rows, frozenset({3, 4, 5})) if rows else None
    return Section("Adjustments of earlier periods", table=table)


def _corrected(st: Statement) -> Section:
    rows = [
        (
            row["time"], row["meter"], REASONS.get(row["reason"], row["reason"]),
            quantity(row["kwh"]), quantity(row["after"]), row["carried_by"],
        )
        for row in st.corrections
    ]  # fmt: skip
    columns = ("Came to light", "Meter", "Reason", "kWh", "Energy then", "Billed in period from")
    table = Table(columns, rows, frozenset({3, 4})) if rows else None
    return Section("Corrections since this period was closed", table=table)


def _sealed(st: Statement) -> Section:
    seal = st.seal
    if seal is None:
        return Section("")
    pairs = (
        ("SHA-256", seal.sha256),
        ("Follows", seal.previous_sha256 or "nothing, it is the first"),
        ("Place in the chain", str(seal.position)),
        ("Closed", seal.closed),
    )
    return Section("Seal", pairs, sentences=[seal.check])
