"""What becomes of a bill when somebody asks: the change, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.config.written import SITE, sound

from meterd.config.bill_books import CONFLICT, MISSING, WRONG, Books, RefusedError, attached
from meterd.config.bill_orders import changed, created, ended
from meterd.config.objects import with_objects
from meterd.config.source_orders import added, disabled, enabled, removed
from meterd.config.stored import BILL, BILL_SOURCES, body_of, label_of
from meterd.orders import OBJECTS_MAX, Administered, StoredObject

FILE = (
    SITE
    + """
meters:
  - {name: a, points: {energy_import: {unit: kWh}, active_power: {unit: W}}}
  - {name: b, points: {active_power: {unit: W}, active_power_l1: {unit: W}}}
bills: [{name: t, sources: [{meter: a}, {meter: b, enabled: false}]}]
"""
)
BY = (7, "anna")


@pytest.fixture
def books(tmp_path: Path) -> Books:
    file = sound(tmp_path, FILE)
    return Books(file, file, {})


def after(books: Books, change: Administered | None) -> Books:
    """The books once it is made, as the daemon keeps them."""
    assert change is not None
    assert isinstance(change.row, StoredObject)
    there = {**books.objects, label_of(change.row): change.row}
    objects = {name: row for name, row in there.items() if not row.gone}
    merged = with_objects(books.file, list(objects.values()), Path())
    assert merged.left_out == {}
    return Books(books.file, merged.config, objects)


def shown(books: Books, bill: str) -> list[tuple[str, str, str, bool, str]]:
    return [(*known.place, known.enabled, known.origin) for known in attached(books, bill)]


def row(change: Administered | None) -> StoredObject:
    assert change is not None
    assert isinstance(change.row, StoredObject)
    return change.row


FILES = [("a", "energy", "", True, "file"), ("b", "power", "", False, "file")]


def test_a_bill_is_made_changed_and_ended(books: Books) -> None:
    made = created(books, {"name": "u", "allowance": 5, "tariff": None}, BY)
    assert (made.kind, made.actor, made.numbers["bill"]) == ("bill_created", "anna", "u")
    assert (row(made).entity, row(made).name, body_of(row(made))) == (
        BILL, "u", {"name": "u", "allowance": 5},
    )  # fmt: skip
    books = after(books, made)
    change = changed(books, "u", {"allowance": None, "billing_day": 3}, BY)
    assert change is not None
    assert change.numbers["changes"] == {"allowance": [5, None], "billing_day": [None, 3]}
    books = after(books, change)
    assert changed(books, "u", {"billing_day": 3}, BY) is None
    over = ended(books, "u", BY, sampled=True)
    assert (over and over.kind, body_of(row(over))["ended"]) == ("bill_ended", True)
    gone = ended(books, "u", BY, sampled=False)
    assert (gone and gone.kind, row(gone).gone) == ("bill_deleted", True)
    assert after(books, gone).objects == {}


def test_a_source_is_added_disabled_enabled_and_removed(books: Books) -> None:
    books = after(books, created(books, {"name": "u"}, BY))
    change = added(books, "u", {"meter": "a", "kind": "best"}, BY)
    assert (change.kind, change.meter, change.numbers) == (
        "source_added", "a", {"bill": "u", "source": "energy"},
    )  # fmt: skip
    books = after(books, change)
    books = after(books, added(books, "u", {"meter": "b", "phase": "l1", "enabled": False}, BY))
    assert shown(books, "u") == [
        ("a", "energy", "", True, "api"),
        ("b", "power", "l1", False, "api"),
    ]
    books = after(books, disabled(books, "u", ("a", "", ""), BY))
    books = after(books, enabled(books, "u", ("b", "", ""), BY))
    assert enabled(books, "u", ("b", "", ""), BY) is None
    assert [known[3] for known in shown(books, "u")] == [False, True]
    books = after(books, removed(books, "u", ("a", "", ""), BY))
    assert shown(books, "u") == [("b", "power", "l1", True, "api")]


def test_a_source_of_the_file_is_disabled_here_and_enabled_again(books: Books) -> None:
    assert shown(books, "t") == FILES
    change = disabled(books, "t", ("a", "", ""), BY)
    assert (row(change).entity, row(change).name) == (BILL_SOURCES, "t")
    books = after(books, change)
    assert shown(books, "t")[0] == ("a", "energy", "", False, "file")
    again = enabled(books, "t", ("a", "", ""), BY)
    assert row(again).gone
    assert shown(after(books, again), "t") == FILES


def test_a_source_is_added_to_a_bill_of_the_file_and_removed_again(books: Books) -> None:
    books = after(books, added(books, "t", {"meter": "b", "phase": "l1"}, BY))
    assert shown(books, "t") == [*FILES, ("b", "power", "l1", True, "api")]
    books = after(books, disabled(books, "t", ("a", "energy", ""), BY))
    books = after(books, removed(books, "t", ("b", "power", "l1"), BY))
    assert shown(books, "t") == [("a", "energy", "", False, "file"), FILES[1]]


def test_the_one_that_is_named_exactly_is_meant(books: Books) -> None:
    books = after(books, added(books, "t", {"meter": "b", "phase": "l1"}, BY))
    change = disabled(books, "t", ("b", "power", "l1"), BY)
    assert change is not None
    assert change.numbers == {"bill": "t", "source": "power", "phase": "l1"}
    with pytest.raises(RefusedError, match="the configuration file disables b \\(power\\)"):
        enabled(books, "t", ("b", "power", ""), BY)


REFUSED: dict[str, tuple[Callable[[Books], object], str, str]] = {
    "a new bill without a name": (
        lambda books: created(books, {}, BY), WRONG, "name is required"),
    "a bill of the file's name": (
        lambda books: created(books, {"name": "t"}, BY), CONFLICT, "there is a bill 't' already"),
    "another name": (
        lambda books: changed(books, "t", {"name": "x"}, BY), WRONG, "name is what the bill"),
    "a bill of the file": (
        lambda books: changed(books, "t", {"allowance": 1}, BY), CONFLICT, "has 't', so it"),
    "a bill that is not there": (
        lambda books: ended(books, "x", BY, sampled=True), MISSING, "there is no bill 'x'"),
    "a source of no bill": (
        lambda books: added(books, "x", {"meter": "a"}, BY), MISSING, "there is no bill 'x'"),
    "a source that is there": (
        lambda books: added(books, "t", {"meter": "a", "kind": "energy"}, BY), CONFLICT,
        "there is a source a \\(energy\\) on t already$"),
    "a source that is there and disabled": (
        lambda books: added(books, "t", {"meter": "b"}, BY), CONFLICT, "it is disabled, enable it"),
    "a source of no meter": (
        lambda books: added(books, "t", {"meter": "c"}, BY), WRONG, "meter is 'c', and there is"),
    "a kind that the meter cannot be": (
        lambda books: added(books, "t", {"meter": "b", "kind": "energy"}, BY), WRONG,
        "kind is energy, and b does not read the counter energy_import"),
    "a phase that the meter has not": (
        lambda books: added(books, "t", {"meter": "a", "phase": "l3"}, BY), WRONG, "of l3$"),
    "a kind that is none": (
        lambda books: added(books, "t", {"meter": "a", "kind": "x"}, BY), WRONG, "kind is wrong"),
    "a key that is none": (
        lambda books: added(books, "t", {"meter": "a", "x": 1}, BY), WRONG, "x is wrong"),
    "a source without a meter": (
        lambda books: added(books, "t", {}, BY), WRONG, "meter is wrong"),
    "a source of the file removed": (
        lambda books: removed(books, "t", ("a", "", ""), BY), CONFLICT, "configuration file has a"),
    "a source that is not there": (
        lambda books: removed(books, "t", ("a", "power", "l1"), BY), MISSING,
        "there is no source a \\(power, l1\\) on t"),
    "a source that the file disables": (
        lambda books: enabled(books, "t", ("b", "", ""), BY), CONFLICT,
        "disables b \\(power\\); enable it there"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_and_says_why(what: str, books: Books) -> None:
    ask, kind, said = REFUSED[what]
    with pytest.raises(RefusedError, match=said) as error:
        ask(books)
    assert error.value.kind == kind


def test_which_of_several_must_be_told(books: Books) -> None:
    books = after(books, added(books, "t", {"meter": "a", "kind": "power"}, BY))
    with pytest.raises(RefusedError, match=r"is it a \(energy\) or a \(power\)\?"):
        removed(books, "t", ("a", "", ""), BY)


def test_there_is_room_for_so_many(books: Books) -> None:
    full = {str(n): msgspec.structs.replace(STORED, name=str(n)) for n in range(OBJECTS_MAX)}
    with pytest.raises(RefusedError, match="no room for more"):
        created(Books(books.file, books.config, full), {"name": "u"}, BY)


STORED = StoredObject("", BILL, "", "{}", 1, "anna")
