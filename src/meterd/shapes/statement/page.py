"""A statement as one HTML page that needs nothing else: no script, no font, no address.

Everything that is not ours is escaped. It prints on A4 and letter.
"""

from __future__ import annotations

from html import escape
from typing import Final

from meterd.shapes.statement.layout import Layout, Section, Table
from meterd.shapes.statement.mark import mark, runs

QUIET: Final = 4
"""Light modules around a QR code (ISO/IEC 18004)."""

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.5 Georgia, "Times New Roman", serif; color: #1a1a1a; background: #fff;
  max-width: 46rem; margin: 2rem auto; padding: 0 1.5rem; }
header { border-bottom: 2px solid #1a1a1a; margin-bottom: 1.5rem; }
h1 { font-size: 1.8rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
header p { margin: 0 0 .75rem; color: #555; }
h2 { font-size: 1rem; font-weight: 600; margin: 1.75rem 0 .4rem; border-bottom: 1px solid #bbb; }
.banner { border: 3px double #9a1b1b; color: #9a1b1b; padding: .6rem 1rem; margin: 1rem 0;
  font-size: 1.35rem; font-weight: 700; line-height: 1.3; }
dl { display: grid; grid-template-columns: 15rem 1fr; gap: .1rem 1rem; margin: 0; }
dt { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-size: .92em;
  font-variant-numeric: tabular-nums; }
th { font-weight: 400; color: #555; text-align: left; border-bottom: 1px solid #bbb; }
th, td { padding: .2rem 1rem .2rem 0; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; white-space: nowrap; }
.total td { border-top: 1px solid #1a1a1a; font-weight: 700; }
section > p { margin: .35rem 0; font-size: .92em; overflow-wrap: anywhere; }
svg { width: 7.5rem; height: 7.5rem; display: block; margin-top: .75rem; }
@page { margin: 18mm 16mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 10.5pt; }
  h2, tr, dl, svg, .banner { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def html(page: Layout) -> str:
    """The page."""
    title = escape(page.title)
    banner = f'<p class="banner">{escape(page.banner)}</p>' if page.banner else ""
    code = "" if page.mark is None else _svg(page.mark)
    sections = "".join(map(_section, page.sections))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}, '
        f'{escape(page.period)}</title>\n<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head>\n<body><header><h1>{title}</h1>"
        f"<p>{escape(page.period)}</p></header>\n{banner}{sections}{code}</body></html>\n"
    )


def _section(section: Section) -> str:
    pairs = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in section.pairs
    )
    parts = [f"<section><h2>{escape(section.title)}</h2>"]
    parts += [f"<dl>{pairs}</dl>"] if pairs else []
    parts += [_table(section.table)] if section.table is not None else []
    parts += [f"<p>{escape(sentence)}</p>" for sentence in section.sentences]
    return "".join((*parts, "</section>\n"))


def _table(table: Table) -> str:
    head = "".join(_cell("th", index, name, table) for index, name in enumerate(table.columns))
    rows = []
    for number, row in enumerate(table.rows, 1):
        cells = "".join(_cell("td", index, cell, table) for index, cell in enumerate(row))
        last = ' class="total"' if table.total and number == len(table.rows) else ""
        rows.append(f"<tr{last}>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(tag: str, index: int, cell: str, table: Table) -> str:
    number = ' class="n"' if index in table.right else ""
    return f"<{tag}{number}>{escape(cell)}</{tag}>"


def _svg(text: str) -> str:
    rows = mark(text)
    size = len(rows) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z" for x, y, length in runs(rows))
    return (
        f'<svg viewBox="0 0 {size} {size}" role="img" shape-rendering="crispEdges">'
        f"<title>{escape(text)}</title>"
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}"/></svg>'
    )
