"""A statement as plain text, for a terminal and for a printer."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from meterd.shapes.statement.layout import Layout, Section, Table

WIDTH: Final = 92


def text(page: Layout) -> str:
    """The whole, ending with a newline."""
    lines = [page.title, page.period, "=" * max(len(page.title), len(page.period)), ""]
    if page.banner is not None:
        lines += ["*" * WIDTH, *wrap(page.banner.upper(), WIDTH), "*" * WIDTH, ""]
    for section in page.sections:
        lines += [*_section(section), ""]
    return "\n".join(lines)


def _section(section: Section) -> Iterator[str]:
    yield section.title
    yield "-" * len(section.title)
    label = max((len(name) for name, _value in section.pairs), default=0)
    for name, value in section.pairs:
        yield f"{name.ljust(label)}  {value}"
    if section.table is not None:
        yield from _table(section.table)
    for sentence in section.sentences:
        yield from wrap(sentence, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _table(table: Table) -> Iterator[str]:
    lines = [table.columns, *table.rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(table.columns))]
    for line in lines:
        cells = (
            cell.rjust(width) if index in table.right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
