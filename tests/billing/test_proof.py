"""Whatever is changed of what is stored of a closed bill is found when it is computed again."""

import msgspec
import pytest
from tests.billing.closed import evidence, january, wrong
from tests.billing.site import (
    FEBRUARY,
    FIVE,
    HOUR,
    JANUARY,
    KWH,
    feed,
    only,
    rate,
    spec,
    used,
    world,
)

from meterd.billing.bill import Bill
from meterd.billing.closing import sealed
from meterd.billing.proof import differences
from meterd.events import Sample
from meterd.specs import SourceSpec


def test_what_holds_has_no_differences() -> None:
    out, _row = january()
    assert wrong(out) == []


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"amount": 2 * KWH}, {"used", "energy_kwh", "percent", "peak", "average", "cost"}),
        ({"gap": KWH, "gap_from_ms": 1, "gap_to_ms": 2}, {"shares"}),
        ({"missing_ms": 60_000}, {"average", "coverage"}),
        ({"questionable": KWH}, {"shares"}),
    ],
)
def test_a_sample_that_was_changed_is_found_by_all_that_it_changes(
    change: dict[str, int], changed: set[str]
) -> None:
    out, _row = january()
    place = next(n for n, told in enumerate(out) if isinstance(told, Sample))
    first = only(Sample, out)[0]
    interval = msgspec.structs.replace(first.interval, **change)
    out[place] = msgspec.structs.replace(first, interval=interval)
    told = {name for name, _stored, _computed in wrong(out)}
    assert told >= changed | {"input m measured"}


def test_a_sample_too_many_or_too_few_is_found() -> None:
    out, row = january()
    other = Sample("tenant", "energy", row.start_ms, used(JANUARY, KWH, "stranger"))
    assert "input stranger measured" in {name for name, *_ in wrong([*out, other])}
    gone = [told for told in out if told is not only(Sample, out)[3]]
    assert {"energy_kwh", "input m measured"} <= {name for name, *_ in wrong(gone)}


def test_two_samples_that_were_exchanged_are_found_by_their_digest_alone() -> None:
    """All sums stay, and so does the peak."""
    bill = Bill(spec(), world())
    amounts = [3, 1, 2]
    rows = [used(JANUARY + HOUR * n, KWH * amount) for n, amount in enumerate(amounts)]
    out = feed(bill, [*rows, used(FEBRUARY - FIVE, 0), used(FEBRUARY, 0)])
    places = [n for n, told in enumerate(out) if isinstance(told, Sample)][1:3]
    for place, amount in zip(places, (2, 1), strict=True):
        sample = out[place]
        assert isinstance(sample, Sample)
        interval = msgspec.structs.replace(sample.interval, amount=amount * KWH)
        out[place] = msgspec.structs.replace(sample, interval=interval)
    assert [name for name, *_ in wrong(out)] == ["input m measured"]


def test_a_figure_or_a_term_that_was_changed_is_found() -> None:
    out, row = january()
    body = sealed(row.body)
    known = evidence(row, body, out)
    assert differences(msgspec.structs.replace(body, inputs=[]), known, world(), [])
    forged = body.figures | {"peak": "999"}
    found = differences(msgspec.structs.replace(body, figures=forged), known, world(), [])
    assert found == [("peak", "999", "12")]
    dearer = msgspec.structs.replace(body.terms, sources=(SourceSpec("m", **rate("0.31")),))
    changed = msgspec.structs.replace(body, terms=dearer)
    assert [name for name, *_ in differences(changed, known, world(), [])] == ["cost"]


def test_a_sample_that_was_believed_against_its_ceiling_is_found() -> None:
    out, _row = january()
    place = next(n for n, told in enumerate(out) if isinstance(told, Sample))
    out[place] = msgspec.structs.replace(only(Sample, out)[0], discarded=True)
    assert wrong(out) == [("samples marked against their ceiling", 1, 0)]
