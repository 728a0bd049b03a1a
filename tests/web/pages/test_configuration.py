"""The configuration as a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web.pages.seen import markup, seen, table, words

from meterd.config.findings import WARNING, Finding
from meterd.config.written import Line, Written
from meterd.orders import StoredObject
from meterd.stores.sqlite import SqliteStore
from meterd.web.pages.configuration import LINES_SHOWN, configuration
from meterd.web.problems import Problem

LINES = (Line(1, "site.name", "hq"), Line(4, "meters.0.name", "main"))
FINDING = Finding("bills.0", 7, 3, "a lint", "Do this.", WARNING)
FILE = Written(Path("/etc/meterd.yaml"), LINES, (FINDING,), in_force=True)
MADE = StoredObject("1", "BILL", "tenant-b", "{}", 0, "anna", 1_000, "otto")


def test_a_part_of_the_file_is_shown_with_its_lines_and_what_is_found(store: SqliteStore) -> None:
    given = seen(written=lambda: FILE, objects={"bill tenant-b": MADE})
    sheet = configuration(given, store.reader())
    assert table(sheet, "lines") == [["1", "site.name", "hq"]]
    assert table(sheet, "findings") == [["warning", "7", "bills.0", "a lint", "Do this."]]
    assert table(sheet, "made")[0][:3] == ["Bill", "tenant-b", "in force"]
    assert table(sheet, "made")[0][4] == "otto"
    assert "in force" in words(markup(sheet, given))
    other = seen(written=lambda: FILE, asked={"part": "meters"}, objects={"x": MADE}, hidden={"x"})
    sheet = configuration(other, store.reader())
    assert table(sheet, "lines") == [["4", "meters.0.name", "main"]]
    assert table(sheet, "made")[0][2] == "the file has it too"


def test_a_file_that_is_refused_says_so(store: SqliteStore) -> None:
    file = Written(Path("meterd.yaml"), (), (Finding("", 1, 1, "wrong", file="a.yaml"),), False)
    given = seen(written=lambda: file)
    sheet = configuration(given, store.reader())
    assert table(sheet, "findings")[0][:2] == ["error", "a.yaml:1"]
    page = words(markup(sheet, given))
    assert "not in force" in page
    assert "The file is refused as it stands." in page


def test_a_long_part_goes_on_on_the_next_page(store: SqliteStore) -> None:
    lines = tuple(Line(n, f"site.x{n}", "") for n in range(1, LINES_SHOWN + 11))
    file = Written(Path("meterd.yaml"), lines, (), in_force=True)
    given = seen(written=lambda: file)
    sheet = configuration(given, store.reader())
    assert len(table(sheet, "lines")) == LINES_SHOWN
    assert f'href="?part=site&amp;line={LINES_SHOWN + 1}"' in markup(sheet, given)
    rest = seen(written=lambda: file, asked={"part": "site", "line": str(LINES_SHOWN + 1)})
    assert len(table(configuration(rest, store.reader()), "lines")) == 10


@pytest.mark.parametrize("asked", [{"part": "nothing"}, {"line": "x"}, {"line": "-1"}])
def test_what_is_not_there_is_refused(store: SqliteStore, asked: dict[str, str]) -> None:
    with pytest.raises(Problem):
        configuration(seen(written=lambda: FILE, asked=asked), store.reader())
