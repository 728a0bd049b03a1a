"""Every text that pages and charts say, found in the code and in the templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.tree import SRC

TEMPLATE = re.compile(r"say\(([^()]*)\)")
QUOTED = re.compile(r'"([^"]*)"')
CONDITION = re.compile(r"\bif\b.*?\belse\b")
TITLES = {"columns", "navigation", "windows", "views", "ranges", "gauges"}
"""Names of tables of titles, which templates say."""


def texts() -> set[str]:
    """All of them."""
    found: set[str] = set()
    for path in (SRC / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found.update(_of_code(node))
    for path in (SRC / "web" / "templates").glob("*.html"):
        for one in TEMPLATE.findall(path.read_text("utf-8")):
            first, _comma, _parts = CONDITION.sub("", one).partition('",')
            found.update(QUOTED.findall(first + '"'))
    return found - {""}


def _of_code(node: ast.AST) -> Iterator[str]:
    """What is said outright; heads of tables and titles of pages, if they are prose."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "say":
            yield from _literals(node.args[0])
        if node.func.id in {"Table", "Sheet"}:
            named = [one.value for one in node.keywords if one.arg == "empty"]
            yield from filter(_is_prose, _literals(ast.List([node.args[1], *named])))
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id.lower() in TITLES:
            yield from filter(_is_prose, _literals(node.value))


def _literals(node: ast.AST | None) -> Iterator[str]:
    """Texts that an expression may come to."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.Tuple | ast.List | ast.Dict):
        for one in node.values if isinstance(node, ast.Dict) else node.elts:
            yield from _literals(one)


def _is_prose(text: str) -> bool:
    return text[:1].isupper() and not text.isupper() and len(text) > 2
