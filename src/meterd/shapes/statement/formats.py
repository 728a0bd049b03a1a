"""The formats of a statement, by the names that commands and HTTP give them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from meterd.shapes.statement.books import Facts
from meterd.shapes.statement.greenbutton import greenbutton
from meterd.shapes.statement.layout import layout
from meterd.shapes.statement.page import html
from meterd.shapes.statement.pdf import pdf
from meterd.shapes.statement.statement import Statement, statement
from meterd.shapes.statement.table import table
from meterd.shapes.statement.text import text


class Format(NamedTuple):
    """How a statement is written, and what a file of it is called.

    binary: it is nothing for a terminal.
    """

    content_type: str
    suffix: str
    write: Callable[[Statement, Facts], bytes]
    binary: bool = False


def written(facts: Facts, name: str) -> bytes:
    """The statement of these facts in a format that there is."""
    return FORMATS[name].write(statement(facts), facts)


def _json(st: Statement, _facts: Facts) -> bytes:
    return msgspec.json.format(msgspec.json.encode(st), indent=2) + b"\n"


FORMATS: Final[dict[str, Format]] = {
    "text": Format("text/plain", "txt", lambda st, _facts: text(layout(st)).encode()),
    "html": Format("text/html", "html", lambda st, _facts: html(layout(st)).encode()),
    "json": Format("application/json", "json", _json),
    "csv": Format("text/csv", "csv", lambda st, _facts: table(st).encode()),
    "greenbutton": Format(
        "application/atom+xml", "xml", lambda st, facts: greenbutton(st, facts).encode()
    ),
    "pdf": Format("application/pdf", "pdf", lambda st, _facts: pdf(layout(st)), binary=True),
}
