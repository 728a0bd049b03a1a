"""The document: what it says of a closed month, and of one that runs."""

from __future__ import annotations

import msgspec
import pytest
from tests.shapes.statement.case import (
    GENERAL,
    MAIN,
    SEALED,
    changed,
    facts,
    meter,
    provisional,
    row,
    state,
)

from meterd.shapes.statement.books import MeterFacts
from meterd.shapes.statement.statement import CHANGES_MAX, statement


def test_a_closed_month_is_sealed_and_says_how_to_check_it() -> None:
    st = statement(facts())
    assert (st.bill, st.site, st.period, st.status) == ("tenant", "hq", "2026-01-01", "closed")
    assert (st.start_local, st.end_local) == ("2026-01-01 00:00 +01:00", "2026-02-01 00:00 +01:00")
    assert st.peak_local == "2026-01-10 11:00 +01:00 to 2026-01-10 11:15 +01:00"
    assert not st.provisional
    assert st.seal is not None
    assert (st.seal.sha256, st.seal.position) == (SEALED.sha256, 1)
    assert "`meterd audit`" in st.seal.check
    assert "`meterd statement tenant --period 2026-01-01`" in st.seal.check
    (late,) = st.corrections
    assert (late["kwh"], late["carried_by"]) == ("1", "2026-01-31T23:00:00Z")
    assert msgspec.json.decode(msgspec.json.encode(st))["cost"]["total"] == "34.60"


def test_each_source_says_what_it_gave_and_how_it_is_known() -> None:
    main, sub = statement(facts()).sources
    assert (main.energy_kwh, main.gap_kwh, main.samples, main.discarded) == ("108", "2", 8928, 2)
    assert main.start is not None
    assert main.device.serial == "M-1"
    assert main.device.accuracy_class == "0.5S"
    assert main.device.verification == "Pass"
    assert (sub.start, sub.end, sub.device.name) == (None, None, None)


def test_the_number_that_was_read_is_the_serial_number() -> None:
    read = state()
    read.texts = {"serial_number": "S-2"}
    known = facts(meters={"main": meter(state=read), "sub": MeterFacts("sub")})
    assert statement(known).sources[0].device.serial == "S-2"


def test_what_moved_a_register_is_told_up_to_a_bound() -> None:
    many = [changed() for _ in range(CHANGES_MAX + 3)]
    known = facts(meters={"main": meter(events=many), "sub": MeterFacts("sub")})
    main, _sub = statement(known).sources
    assert (len(main.changes), main.more_changes) == (CHANGES_MAX, 3)


def test_the_uncertainty_is_of_what_counters_with_a_class_measured() -> None:
    found = statement(facts()).uncertainty
    assert found is not None
    assert found.covers == pytest.approx(108 / 120.5)
    assert statement(facts(inputs=[])).uncertainty is None
    bare = {"main": meter(link=None), "sub": MeterFacts("sub")}
    assert statement(facts(meters=bare)).uncertainty is None
    assert statement(facts(inputs=[row(energy_j=0)])).uncertainty is None


def test_a_month_that_runs_is_provisional_and_has_no_seal() -> None:
    st = statement(provisional(peak_start=None, peak_end=None))
    assert st.provisional
    assert st.seal is None
    assert (st.peak_local, st.projection, st.as_of) == (None, "300", "2026-01-01T23:00:00Z")


def test_a_meter_without_verification_has_none() -> None:
    plain = msgspec.structs.replace(MAIN, general={"meterName": GENERAL["meterName"]})
    known = facts(meters={"main": meter(spec=plain), "sub": MeterFacts("sub")})
    device = statement(known).sources[0].device
    assert (device.accuracy_class, device.verification, device.serial) == (None, None, None)


def test_offsets_west_of_greenwich_are_written_like_others() -> None:
    st = statement(facts())
    assert st.start_local[-6:] == "+01:00"
