"""The HTML page: whole, harmless, and nothing else needed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
from tests.shapes.statement.case import HOSTILE, facts, meter, provisional

from meterd.shapes.statement.books import MeterFacts
from meterd.shapes.statement.layout import layout
from meterd.shapes.statement.page import html
from meterd.shapes.statement.statement import statement

VOID = {"meta", "rect", "path"}


class Reader(HTMLParser):
    """Tags in order, and whether they close as they opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_a_page_is_whole_and_asks_for_nothing() -> None:
    page = html(layout(statement(facts())))
    reader = read(page)
    assert "svg" in reader.seen
    assert not {"script", "link", "img", "iframe", "object"} & reader.seen
    assert re.findall(r"(?:src|href|url\()", page) == []
    assert "@media print" in page
    assert 'class="total"' in page


def test_every_word_of_others_is_escaped() -> None:
    known = msgspec.structs.replace(
        facts(meters={"main": meter(), "sub": MeterFacts("sub")}),
        bill={**facts().bill, "name": f"{HOSTILE}&"},
    )
    page = html(layout(statement(known)))
    reader = read(page)
    assert "script" not in reader.seen
    assert HOSTILE in reader.text
    assert "Main & more" in reader.text


def test_a_month_that_runs_has_a_banner_and_no_code() -> None:
    page = html(layout(statement(provisional(cost=None))))
    assert '<p class="banner">PROVISIONAL: ' in page
    assert "svg" not in read(page).seen
