"""Small wrongs for a source text: each point where one may be done, and the text's tree with it.

A point is one place and one change there: `<` for `<=`, `+` for `-`, a number and one, `and`
for `or`, a condition the other way round, a statement left out. Annotations, assertions and
texts are let be: no test could tell.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

ORDERS: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
SUMS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
CALLS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
LET_BE: Final = (ast.Assert, ast.Raise, ast.Import, ast.ImportFrom)
Change = Callable[[], None]


class Point(NamedTuple):
    """Where and what: the line, the function it is in ("" outside of any), and the change.

    begin: the first line of that function, its decorators included; 0 for a module's constant.
    place: its number.
    """

    place: int
    line: int
    function: str
    begin: int
    what: str


def points(source: str) -> list[Point]:
    """Every point of a module's text."""
    return [point for point, _change in _walk(ast.parse(source))]


def mutated(source: str, place: int) -> ast.Module:
    """The tree of the text with the change of one point."""
    tree = ast.parse(source)
    changes = {point.place: change for point, change in _walk(tree)}
    changes[place]()
    return ast.fix_missing_locations(tree)


def _walk(tree: ast.Module) -> Iterator[tuple[Point, Change]]:
    found: list[tuple[int, str, int, str, Change]] = []
    for statement in tree.body:
        constant = isinstance(statement, ast.Assign | ast.AnnAssign)
        _visit(statement, "", 0 if constant else -1, found)
    for place, (line, function, begin, what, change) in enumerate(found):
        yield Point(place, line, function, begin, what), change


def _visit(
    node: ast.AST, function: str, begin: int, found: list[tuple[int, str, int, str, Change]]
) -> None:
    """Collect the changes in a node and below it."""
    if isinstance(node, LET_BE) or (isinstance(node, ast.keyword) and node.arg == "strict"):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not function:
        function = node.name
        begin = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    if function or (begin == 0 and _is_number(node)):
        line = getattr(node, "lineno", 0)
        found += [(line, function, begin, what, change) for what, change in _changes(node)]
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "defaults", "kw_defaults"):
            continue
        children = value if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, ast.AST) and not _is_text(child):
                _visit(child, function, begin, found)


def _is_text(node: ast.AST) -> bool:
    """A docstring, or the parts of a text with values in it."""
    told = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return told or isinstance(node, ast.JoinedStr)


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | bool)


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """The changes that one node may suffer."""
    if isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            for other in ORDERS[type(op)]:
                name = f"{type(op).__name__} -> {other.__name__}"
                yield name, _put(node.ops, index, other())
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in SUMS:
        new = SUMS[type(node.op)]
        yield f"{type(node.op).__name__} -> {new.__name__}", _set(node, "op", new())
    elif isinstance(node, ast.BoolOp):
        swapped = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"-> {type(swapped).__name__}", _set(node, "op", swapped)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} -> {not node.value}", _set(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield f"{node.value} -> {node.value + 1}", _set(node, "value", node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        name = CALLS[node.func.id]
        yield f"{node.func.id} -> {name}", _set(node.func, "id", name)
    yield from _turns(node)
    yield from _omissions(node)


def _turns(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """A condition the other way round, a sign or a `not` left out."""
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        turned = ast.UnaryOp(ast.Not(), node.test)
        yield "condition -> not", _set(node, "test", turned)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        sign = ast.UAdd() if isinstance(node.op, ast.USub) else ast.Not()
        inner = ast.UnaryOp(sign, node.operand)
        bare = inner if isinstance(node.op, ast.USub) else ast.UnaryOp(ast.Not(), inner)
        yield f"{type(node.op).__name__} left out", _become(node, bare)


def _omissions(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """A statement left out: a call, or what an attribute or an item is set to."""
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        for index, one in enumerate(block if isinstance(block, list) else ()):
            called = isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)
            kept = isinstance(one, ast.Assign) and not isinstance(
                one.targets[0], ast.Name | ast.Tuple
            )
            if called or kept or isinstance(one, ast.AugAssign):
                what = f"left out: {ast.unparse(one)[:60]}"
                yield what, _put(block, index, ast.copy_location(ast.Pass(), one))


def _set(node: ast.AST, name: str, value: object) -> Change:
    return lambda: setattr(node, name, value)


def _put(items: list[ast.AST] | list[ast.cmpop] | None, index: int, new: ast.AST) -> Change:
    def change() -> None:
        assert items is not None
        items[index] = new  # type: ignore[call-overload]  # a list of the kind the node has

    return change


def _become(node: ast.UnaryOp, other: ast.UnaryOp) -> Change:
    def change() -> None:
        node.op, node.operand = other.op, other.operand

    return change
