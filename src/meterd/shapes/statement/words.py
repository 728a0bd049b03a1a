"""A bill's terms in words, as they stood: what a tariff adds is spelled out too.

Terms come as JSON, as a closed period keeps them, so that old ones can always be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from meterd.metering.calendar import DAY_MS
from meterd.shapes.statement.tariff_words import tariff_in_words

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
_SPOKEN: Final = frozenset({
    "name", "type", "billing_day", "allowance", "sources", "demand", "max_source_kw", "grace_ms",
    "currency", "sampling_ms", "tariff", "ended",
})  # fmt: skip
"""What has a sentence of its own; anything else is spelled out as it is."""
_KINDS: Final = {
    "energy": "its counter",
    "power": "its power, integrated",
    "volt_ampere": "volts times amperes, an estimate",
}


def in_words(terms: dict[str, Any], unit: str) -> list[str]:
    """A sentence for each term. unit: of the bill's allowance."""
    if not terms:
        return ["The terms of this period were not kept."]
    return [*_sentences(terms, unit), *_tariff(terms.get("tariff") or ()), *_others(terms)]


def _tariff(written: Sequence[Any]) -> list[str]:
    """Its sentences; one of a form that is no longer known is spelled out as it is."""
    try:
        return tariff_in_words(written)
    except msgspec.ValidationError:
        return [f"tariff: {spelled(written)}."]


def _sentences(terms: dict[str, Any], unit: str) -> Iterator[str]:
    demand = terms.get("demand", {})
    versions = terms.get("tariff") or ()
    priced = any(version.get("energy") or version.get("series") for version in versions)
    billed = "the highest demand" if terms["type"] == "demand" else "the energy used"
    yield f"Billed is {billed}, in {unit}; a period begins on day {terms['billing_day']}."
    if terms.get("allowance") is not None:
        yield f"{terms['allowance']} {unit} are included in a period."
    if demand:
        window, step = duration(demand["window_ms"]), duration(demand["step_ms"])
        rolling = "" if window == step else f", anew every {step}"
        yield f"Demand is measured over {window}{rolling}."
    if terms.get("max_source_kw") is not None:
        yield f"Of one source more than {terms['max_source_kw']} kW is not believed."
    currency = terms.get("currency", "")
    for source in terms["sources"]:
        yield _source({**source, "rate_per_kwh": None} if priced else source, currency)
    if "grace_ms" in terms:
        yield f"Data may arrive until {duration(terms['grace_ms'])} after the end of a period."


def _source(source: dict[str, Any], currency: str) -> str:
    phase = f" {source['phase']}" if source.get("phase") else ""
    rate = source.get("rate_per_kwh")
    price = "" if rate is None else f", {rate} {currency} per kWh"
    off = "" if source.get("enabled", True) else "; switched off"
    return f"{source['meter']}{phase} by {_KINDS[source['kind']]}{price}{off}."


def _others(terms: dict[str, Any]) -> Iterator[str]:
    for name, value in terms.items():
        if name not in _SPOKEN and value not in (None, "", [], {}):
            yield f"{_plain(name)}: {spelled(value)}."


def spelled(value: Any) -> str:
    """Any JSON as a phrase."""
    if isinstance(value, dict):
        known = {name: item for name, item in value.items() if item not in (None, "", [], {})}
        return ", ".join(f"{_plain(name)} {spelled(item)}" for name, item in known.items())
    if isinstance(value, list):
        simple = not any(isinstance(item, dict | list) for item in value)
        return (", " if simple else "; ").join(spelled(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def duration(length_ms: int) -> str:
    """1 day, 24 hours, 15 minutes, in the largest unit that is whole."""
    units = ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute"), (1000, "second"))
    for size_ms, unit in units:
        count, rest = divmod(length_ms, size_ms)
        if count and not rest:
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return f"{length_ms} ms"
