"""How long things are, and how long they may be.

Over a hard budget nothing may go. What is over a soft one is named in `budgets.toml` with
the size it has, and that table may only be tightened: `python -m tests.house.budgets`
lowers it to what the code needs now, and adds nothing to it. Without a table it starts one.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
TABLE: Final = Path(__file__).with_name("budgets.toml")
LINE_MAX: Final = 100


class Budget(NamedTuple):
    """What is wished for, and what is never exceeded."""

    soft: int
    hard: int


BUDGETS: Final = {
    "file": Budget(250, 400),  # lines
    "function": Budget(30, 50),  # lines, its docstring and decorators left out
    "parameters": Budget(4, 6),  # self and cls not counted; none of them in tests
}
Sizes = dict[str, dict[str, int]]


def sources() -> list[Path]:
    """Every Python file of the house."""
    return sorted(path for top in ("src", "tests", "bench") for path in (ROOT / top).rglob("*.py"))


def measure(name: str, text: str) -> Sizes:
    """kind of budget -> "file" or "file::function" -> size."""
    sizes: Sizes = {"file": {name: len(text.splitlines())}, "function": {}, "parameters": {}}
    for path, node in _functions(ast.parse(text), ""):
        sizes["function"][f"{name}::{path}"] = _length(node)
        if not name.startswith("tests/"):  # fixtures and table columns arrive as parameters
            sizes["parameters"][f"{name}::{path}"] = _parameters(node)
    return sizes


@cache
def measured() -> Sizes:
    """Every size in the house; measured once."""
    sizes: Sizes = {kind: {} for kind in BUDGETS}
    for path in sources():
        for kind, found in measure(str(path.relative_to(ROOT)), path.read_text("utf-8")).items():
            sizes[kind].update(found)
    return sizes


def over(sizes: Sizes, level: str) -> Sizes:
    """What exceeds the `soft` or the `hard` budgets."""
    return {
        kind: {name: size for name, size in found.items() if size > getattr(BUDGETS[kind], level)}
        for kind, found in sizes.items()
    }


def allowed() -> Sizes:
    """The table of exceptions."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    return {kind: table.get(kind, {}) for kind in BUDGETS}


def tightened(table: Sizes, now: Sizes) -> Sizes:
    """The table with every entry lowered to what is, and the needless ones gone."""
    return {
        kind: {
            name: min(size, now[kind][name]) for name, size in names.items() if name in now[kind]
        }
        for kind, names in table.items()
    }


def as_toml(table: Sizes) -> str:
    """The table as it is kept."""
    lines = ["# What is over a soft budget, and by how much. It may only be tightened:"]
    lines += ["# `make budgets-tighten` does so. An entry is added by hand, with a reason."]
    for kind, names in table.items():
        lines += ["", f"[{kind}]  # over {BUDGETS[kind].soft}"]
        lines += [f'"{name}" = {size}' for name, size in sorted(names.items())]
    return "\n".join(lines) + "\n"


def _functions(
    node: ast.AST, path: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        inner = path
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{path}.{child.name}".lstrip(".")
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield inner, child
        yield from _functions(child, inner)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring: to explain must cost nothing."""
    first = node.body[0]
    explained = 0
    if ast.get_docstring(node) is not None:
        explained = (first.end_lineno or first.lineno) - first.lineno + 1
    return (node.end_lineno or node.lineno) - node.lineno + 1 - explained


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    args = node.args
    named = [arg.arg for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs]]
    starred = [arg for arg in (args.vararg, args.kwarg) if arg]
    return len(named) + len(starred) - (named[:1] in (["self"], ["cls"]))


if __name__ == "__main__":
    excess = over(measured(), "soft")
    TABLE.write_text(as_toml(tightened(allowed(), excess) if TABLE.exists() else excess), "utf-8")
