"""Which intervals a bill asks for, and what a changed configuration does to a running one."""

from decimal import Decimal

from tests.billing.site import rate, spec, used

from meterd.billing.sources import (
    continued,
    enabled_source,
    key_of,
    key_of_interval,
    one_word,
    sampled,
    wanted,
)
from meterd.specs import DemandSpec, SourceSpec

COUNTER = ("m", "energy_import", "measured", "")
REACTIVE = ("m", "reactive_energy_import", "measured", "")


def test_a_source_is_a_row_of_intervals_of_its_method_and_phase() -> None:
    bill = spec(
        SourceSpec("m"),
        SourceSpec("p", "power", "l2"),
        SourceSpec("v", "volt_ampere", enabled=False),
        SourceSpec("v", "volt_ampere", "l1"),
    )
    assert wanted(bill) == (
        COUNTER,
        ("p", "energy_import", "integrated", "l2"),
        ("v", "energy_import", "estimated", "l1"),
    )


def test_a_demand_in_kva_needs_the_reactive_energy_of_each_meter_once() -> None:
    bill = spec(SourceSpec("m"), SourceSpec("m", "power", "l1"), demand=DemandSpec(quantity="kva"))
    assert wanted(bill) == (COUNTER, ("m", "energy_import", "integrated", "l1"), REACTIVE)


def test_an_interval_finds_its_source_unless_that_is_disabled() -> None:
    source = SourceSpec("m")
    assert key_of_interval(used(0, 1)) == key_of(source) == COUNTER
    assert enabled_source(spec(SourceSpec("x"), source), COUNTER) == source
    assert enabled_source(spec(SourceSpec("m", enabled=False)), COUNTER) is None


def test_a_sample_names_the_kind_of_its_source() -> None:
    kinds = {"measured": "energy", "integrated": "power", "estimated": "volt_ampere"}
    for method, kind in kinds.items():
        sample = sampled("tenant", 7, used(0, 1, method=method), discarded=True)
        assert (sample.bill, sample.kind, sample.period_start_ms) == ("tenant", kind, 7)
        assert sample.discarded


def test_one_word_for_several_methods() -> None:
    assert one_word([]) is None
    assert one_word(["measured", "measured"]) == "measured"
    assert one_word(["measured", "estimated"]) == "mixed"


def test_who_is_sampled_changes_at_once_and_the_prices_with_the_next_period() -> None:
    old = spec(SourceSpec("a", **rate("0.1")), SourceSpec("gone", **rate("0.2")), billing_day=1)
    new = spec(
        SourceSpec("new", **rate("0.4")),
        SourceSpec("a", enabled=False, **rate("0.3")),
        billing_day=15,
        allowance=Decimal(1),
    )
    assert continued(old, new) == spec(
        SourceSpec("new", **rate("0.4")),
        SourceSpec("a", enabled=False, **rate("0.1")),
        SourceSpec("gone", enabled=False, **rate("0.2")),
        billing_day=1,
    )
    assert continued(continued(old, new), new) == continued(old, new)
    assert continued(old, old) == old
