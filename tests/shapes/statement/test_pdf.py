"""The statement flowed over pages: nothing is cut, nothing runs out of the page."""

from __future__ import annotations

import re
import zlib

import msgspec
from tests.shapes.statement.case import facts, provisional

from meterd.shapes.statement.layout import Layout, Section, Table, layout
from meterd.shapes.statement.pdf import LEFT, RIGHT, pdf, wrapped
from meterd.shapes.statement.pdf_file import width
from meterd.shapes.statement.statement import statement

PAGE = layout(statement(facts()))


def pages(file: bytes) -> list[str]:
    found = re.findall(rb"stream\n(.*?)\nendstream", file, re.DOTALL)
    return [zlib.decompress(one).decode("cp1252") for one in found]


def words(file: bytes) -> str:
    return " ".join(re.findall(r"\((.*)\) Tj", "\n".join(pages(file))))


def shown(**parts: object) -> str:
    section = Section("A section", **parts)  # type: ignore[arg-type]  # as each test has it
    return words(pdf(msgspec.structs.replace(PAGE, sections=[section], mark=None)))


def test_all_that_is_laid_out_is_drawn() -> None:
    file = pdf(PAGE)
    drawn = words(file)
    for section in PAGE.sections:
        assert section.title in drawn
    assert "5ea1" * 16 in drawn
    assert f"page {len(pages(file))} of {len(pages(file))}" in drawn


def test_a_month_that_runs_says_so_first() -> None:
    drawn = words(pdf(layout(statement(provisional()))))
    assert drawn.index("PROVISIONAL") < drawn.index("Charges")


def test_a_long_list_goes_on_on_another_page() -> None:
    rows = [(f"meter-{n}", "measured", str(n)) for n in range(200)]
    table = Table(("Meter", "Method", "kWh"), rows, frozenset({2}))
    page = Layout("t", "p", None, [Section("Meters", table=table)], None)
    file = pdf(page)
    assert len(pages(file)) > 2
    assert all(f"meter-{n}" in words(file) for n in range(200))
    assert all(y > 0 for y in map(float, re.findall(r" (-?[\d.]+) Td", "\n".join(pages(file)))))


def test_long_cells_are_wrapped_and_numbers_are_not() -> None:
    table = Table(("Note", "kWh"), [("word " * 60, "1234567.890")], frozenset({1}))
    drawn = shown(table=table)
    assert drawn.count("word") == 60
    assert "1234567.890" in drawn
    wide = Table(("1", "2", "3"), [("9" * 90, "9" * 90, "9" * 90)], frozenset({0, 1, 2}))
    assert "9" * 90 in shown(table=wide)


def test_a_pair_may_be_long_or_empty() -> None:
    drawn = shown(pairs=[("Name", "value " * 50), ("Nothing", "")])
    assert drawn.count("value") == 50
    assert "Nothing" in drawn


def test_lines_fit_and_a_word_too_long_is_broken() -> None:
    room = RIGHT - LEFT
    lines = wrapped("a " * 300 + "m" * 300, 10, room)
    assert all(width(line, 10) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == "a" * 300 + "m" * 300
    assert wrapped("", 10, room) == []
    assert wrapped("mm", 10, 1) == ["m", "m"]
