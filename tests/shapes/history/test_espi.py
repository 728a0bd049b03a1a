"""Green Button files, our own and those of others."""

from __future__ import annotations

import pytest
from tests.billing.site import FIVE, JANUARY, KWH
from tests.shapes.statement.case import facts

from meterd.shapes.history.espi import greenbutton_rows
from meterd.shapes.history.rows import HistoryRow, NoHistoryError, Refused, Wanted
from meterd.shapes.statement.greenbutton import greenbutton
from meterd.shapes.statement.statement import statement

IMPORT = Wanted("energy_import", "kWh")
START = 1_767_222_000


def reading(value: str = "250", start: str = str(START), quality: str = "") -> str:
    told = f"<ReadingQuality><quality>{quality}</quality></ReadingQuality>" if quality else ""
    period = f"<timePeriod><duration>900</duration><start>{start}</start></timePeriod>"
    return f"<IntervalReading>{told}{period}<value>{value}</value></IntervalReading>"


def entry(own: str, content: str, up: str = "", related: str = "") -> str:
    links = f'<link rel="self" href="{own}"/>'
    links += f'<link rel="up" href="{up}"/>' if up else ""
    links += f'<link rel="related" href="{related}"/>' if related else ""
    return f"<entry>{links}<content>{content}</content></entry>"


def kind(number: int = 1, **more: str) -> str:
    fields = {"uom": "72", "powerOfTenMultiplier": "0", **more}
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return entry(f"RT/{number}", f"<ReadingType>{inside}</ReadingType>")


def block(number: int = 1, *readings: str) -> str:
    inside = "".join(readings or (reading(),))
    up = f"MR/{number}/IntervalBlock"
    return entry(f"{up}/1", f"<IntervalBlock>{inside}</IntervalBlock>", up)


def meter(number: int = 1, type_: int = 1) -> str:
    return entry(f"MR/{number}", "<MeterReading/>", related=f"RT/{type_}")


def feed(*entries: str, wanted: Wanted = IMPORT) -> list[HistoryRow | Refused]:
    text = f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'
    return list(greenbutton_rows(text.encode(), wanted))


def test_our_own_feed_can_be_read_again() -> None:
    known = facts()
    found = list(greenbutton_rows(greenbutton(statement(known), known).encode(), IMPORT))
    assert [(row.start_ms, row.amount) for row in found if isinstance(row, HistoryRow)] == [
        (JANUARY + n * FIVE, KWH) for n in range(3)
    ]


def test_values_are_scaled_by_their_type() -> None:
    (row,) = feed(kind(powerOfTenMultiplier="3"), meter(), block())
    assert isinstance(row, HistoryRow)
    assert (row.start_ms, row.end_ms) == (START * 1000, (START + 900) * 1000)
    assert (row.amount, row.good) == (250_000 * 3600, True)


def test_fractions_of_a_second_and_a_single_entry_are_read_too() -> None:
    (row,) = feed(kind(), meter(), block(1, reading(start=f"{START}.5")))
    assert isinstance(row, HistoryRow)
    assert row.start_ms == START * 1000 + 500
    with pytest.raises(NoHistoryError, match="not said by one ReadingType"):
        list(greenbutton_rows(block().encode(), IMPORT))


def test_what_is_estimated_is_taken_and_in_doubt() -> None:
    told = feed(kind(), meter(), block(1, reading(quality="8"), reading(quality="17")))
    assert [isinstance(row, HistoryRow) and row.good for row in told] == [False, True]
    (usual,) = feed(kind(defaultQuality="11"), meter(), block())
    assert isinstance(usual, HistoryRow)
    assert not usual.good


def test_import_and_export_are_told_apart_by_their_links() -> None:
    entries = (
        kind(1, flowDirection="1"), kind(2, flowDirection="19"), kind(3, uom="73"),
        meter(1, 1), meter(2, 2), meter(3, 3),
        block(1), block(2, reading("9")), block(3, reading("7")),
    )  # fmt: skip
    (inward,) = feed(*entries)
    (outward,) = feed(*entries, wanted=Wanted("energy_export", "kWh"))
    (reactive,) = feed(*entries, wanted=Wanted("reactive_energy_import", "kvarh"))
    assert [row.amount for row in (inward, outward, reactive) if isinstance(row, HistoryRow)] == [
        250 * 3600, 9 * 3600, 7 * 3600,
    ]  # fmt: skip


def test_of_several_meters_one_must_be_named() -> None:
    entries = (kind(), meter(1), meter(2), block(1), block(2, reading("9")))
    with pytest.raises(NoHistoryError, match="say --stream MR/1 or MR/2"):
        feed(*entries)
    (row,) = feed(*entries, wanted=Wanted("energy_import", "kWh", "MR/2"))
    assert isinstance(row, HistoryRow)
    assert row.amount == 9 * 3600
    with pytest.raises(NoHistoryError, match="it has no MR/3; it has MR/1, MR/2"):
        feed(*entries, wanted=Wanted("energy_import", "kWh", "MR/3"))


def test_volumes_and_links_that_are_missing() -> None:
    loose = f"<entry><content><IntervalBlock>{reading('2')}</IntervalBlock></content></entry>"
    (row,) = feed(kind(uom="42"), loose, wanted=Wanted("volume", "m3"))
    assert isinstance(row, HistoryRow)
    assert row.amount == 2_000_000
    with pytest.raises(NoHistoryError, match="it has no energy_import; it has volume"):
        feed(kind(uom="42"), loose)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (reading("1e5"), "is no number"),
        (reading(""), "is no number"),
        (reading(start="soon"), "start is 'soon', not seconds"),
        (reading(start="9" * 30), "not seconds"),
        ("<IntervalReading><value>1</value></IntervalReading>", "start is '', not seconds"),
    ],
)
def test_a_reading_that_cannot_be_read_is_told_and_the_next_is_taken(wrong: str, why: str) -> None:
    bad, good = feed(kind(), meter(), block(1, wrong, reading()))
    assert isinstance(bad, Refused)
    assert why in bad.why
    assert isinstance(good, HistoryRow)


@pytest.mark.parametrize(
    ("entries", "hint"),
    [
        ((kind(),), "it has no IntervalBlock"),
        ((block(),), "not said by one ReadingType"),
        ((kind(uom="29"), meter(), block()), "the unit '29' adds up to nothing"),
        ((kind(accumulationBehaviour="3"), meter(), block()), "readings of a register"),
        ((kind(powerOfTenMultiplier="99"), meter(), block()), "'99' is no power of ten"),
        ((entry("RT/1", "<ReadingType/>"), meter(), block()), "the unit '' adds up to nothing"),
    ],
)
def test_a_file_that_does_not_say_what_it_is_of_is_refused(
    entries: tuple[str, ...], hint: str
) -> None:
    with pytest.raises(NoHistoryError, match=hint):
        feed(*entries)
