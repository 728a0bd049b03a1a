"""The grammar of expressions: a text becomes a small tree of our own, or an error with its column.

    main.active_power - meter("rack-12").active_power * 0.98
    max(a.current_l1, b.current_l1) if a.frequency > 49 else 0

What is not in the tables below is an error. Python's own parser splits the text and nothing
of it is ever executed; numbers keep their own digits as exact rationals.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Any, Final, NamedTuple

from meterd.metering.operands import Catalogue, ExpressionError, Reference, guess

MAX_CHARACTERS: Final = 2_000
MAX_NODES: Final = 200
"""Parts of one expression: numbers, names, operators, calls. It bounds all work on it."""

_BINARY: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE: Final = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_LOGIC: Final = {ast.And: "and", ast.Or: "or"}
_SIGN: Final = {ast.USub: "neg", ast.Not: "not"}
_FUNCTIONS: Final = {"min": (2, MAX_NODES), "max": (2, MAX_NODES), "abs": (1, 1)}
"""Name -> how many values it takes."""
_WORDS: Final = "Use + - * / ( ) < <= > >= == != and or not, a if b else c, min, max, abs."
_ONE_QUANTITY: Final = 'Write METER.QUANTITY, or meter("NAME").QUANTITY.'
_SHORTER: Final = "Split it over virtual meters."
_CHARACTERS: Final = re.compile(r"""[^A-Za-z0-9_ .,+\-*/()<>=!"'\t\r\n]""")
_NUMBER: Final = re.compile(r"([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})([eE][-+]?[0-9]{1,2})?")
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)

Guess = Callable[[str, Collection[str]], str]
"""Who makes a remedy of a word that is none of the names; it searches all of them."""


class Node(NamedTuple):
    """A part of an expression. op: "number", "reference", or what is done with its parts.

    The parts of "if" are the condition, the value if it holds and the value if not.
    column: where it starts. reference: index into the expression's references.
    """

    op: str
    column: int
    parts: tuple[Node, ...] = ()
    number: Fraction = Fraction(0)
    reference: int = 0


class Tree(NamedTuple):
    """A parsed expression. references: in the order of first use -> that first column."""

    root: Node
    references: dict[Reference, int]


def parse(text: str, known: Catalogue, guessed: Guess = guess) -> Tree:
    """The tree of an expression. Raises ExpressionError.

    A text that is only a meter's name, a dot and a quantity needs no quotes, whatever the
    name.
    """
    reader = _Reader(text, known, guessed)
    return Tree(reader.whole(), reader.references)


class _Reader:
    """Reads one text. Places count from 0 at the first character that is no blank."""

    def __init__(self, text: str, known: Catalogue, guessed: Guess) -> None:
        self.references: dict[Reference, int] = {}
        self._text = text.strip()
        self._first = len(text) - len(text.lstrip()) + 1
        self._known = known
        self._guess = guessed

    def whole(self) -> Node:
        """The root of the tree."""
        text = self._text
        if len(text) > MAX_CHARACTERS:
            message = f"the expression has more than {MAX_CHARACTERS} characters"
            raise self._error(message, MAX_CHARACTERS, _SHORTER)
        if odd := _CHARACTERS.search(text):
            raise self._error(f"{odd[0]} has no meaning here", odd.start(), _WORDS)
        meter, _dot, quantity = text.rpartition(".")
        if meter in self._known and quantity.isidentifier():
            return self._refer(meter, quantity, (0, len(meter) + 1))
        body = self._parsed()
        if sum(isinstance(node, ast.expr) for node in ast.walk(body)) > MAX_NODES:
            message = f"the expression has more than {MAX_NODES} parts"
            raise self._error(message, 0, _SHORTER)
        return self._read(body)

    def _parsed(self) -> ast.expr:
        if not self._text:
            raise self._error("the expression is empty", 0, _ONE_QUANTITY)
        line = re.sub(r"\s", " ", self._text)
        try:
            with warnings.catch_warnings():  # of what Python may give up, such as "1or 2"
                warnings.simplefilter("ignore")
                return ast.parse(line, mode="eval").body
        except (SyntaxError, MemoryError, RecursionError) as error:
            offset = getattr(error, "offset", None) or len(line) + 1
            message, remedy = "the expression breaks off here", self._quoted() or _WORDS
            raise self._error(message, min(offset - 1, len(line)), remedy) from None

    def _error(self, message: str, at: int, remedy: str) -> ExpressionError:
        return ExpressionError(message, self._first + at, remedy)

    def _quoted(self) -> str:
        """The remedy where a name stands bare that is no identifier."""
        for name in self._known:
            if f"{name}." in self._text and not _DOTTED.fullmatch(name):
                return f'Write meter("{name}").QUANTITY.'
        return ""

    def _shown(self, node: ast.expr) -> str:
        return f"{self._text[node.col_offset : node.end_col_offset]:.40}"

    def _read(self, node: ast.expr) -> Node:
        read = _NODES.get(type(node))
        if read is None:
            raise self._refused(node)
        found: Node = read(self, node)
        return found

    def _refused(self, node: ast.expr) -> ExpressionError:
        message = f"{self._shown(node)} has no place in an expression"
        return self._error(message, node.col_offset, _WORDS)

    def _node(self, op: str | None, node: ast.expr, *parts: ast.expr) -> Node:
        if op is None:
            raise self._refused(node)
        return Node(op, self._first + node.col_offset, tuple(map(self._read, parts)))

    # -- one for each kind of node ------------------------------------------------------

    def number(self, node: ast.Constant) -> Node:
        digits = self._shown(node)
        if not _NUMBER.fullmatch(digits):
            remedy = "Write it as 12 or 0.5."
            raise self._error(f"{digits} is no number", node.col_offset, remedy)
        return self._node("number", node)._replace(number=Fraction(digits))

    def binary(self, node: ast.BinOp) -> Node:
        return self._node(_BINARY.get(type(node.op)), node, node.left, node.right)

    def signed(self, node: ast.UnaryOp) -> Node:
        if isinstance(node.op, ast.UAdd):
            return self._read(node.operand)
        return self._node(_SIGN.get(type(node.op)), node, node.operand)

    def compared(self, node: ast.Compare) -> Node:
        if len(node.ops) > 1:
            remedy = "Write a < b and b < c."
            raise self._error("two comparisons in one", node.col_offset, remedy)
        op = _COMPARE.get(type(node.ops[0]))
        return self._node(op, node, node.left, *node.comparators)

    def logical(self, node: ast.BoolOp) -> Node:
        return self._node(_LOGIC[type(node.op)], node, *node.values)

    def chosen(self, node: ast.IfExp) -> Node:
        return self._node("if", node, node.test, node.body, node.orelse)

    def called(self, node: ast.Call) -> Node:
        name = self._shown(node.func)
        if name == "meter":
            raise self._error("a meter alone is no value", node.col_offset, _ONE_QUANTITY)
        if name not in _FUNCTIONS:
            remedy = self._guess(name, _FUNCTIONS)
            raise self._error(f'there is no function "{name}"', node.col_offset, remedy)
        least, most = _FUNCTIONS[name]
        if node.keywords or not least <= len(node.args) <= most:
            count = "one value" if most == 1 else f"{least} values or more"
            raise self._error(f"{name} takes {count}", node.col_offset, _WORDS)
        return self._node(name, node, *node.args)

    def named(self, node: ast.Name) -> Node:
        remedy = self._quoted() or _ONE_QUANTITY
        raise self._error(f"{node.id} alone is no value", node.col_offset, remedy)

    def quantity(self, node: ast.Attribute) -> Node:
        assert node.end_col_offset is not None  # `ast.parse` sets it
        places = (node.col_offset, node.end_col_offset - len(node.attr))
        return self._refer(self._meter(node.value), node.attr, places)

    def _meter(self, node: ast.expr) -> str:
        """The name of a meter: an identifier, several with dots between, or quoted."""
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=value, attr=name):
                return f"{self._meter(value)}.{name}"
            case ast.Call(ast.Name("meter"), [ast.Constant(str(name))], []):
                return name
            case _:
                message = f"{self._shown(node)} is no meter"
                raise self._error(message, node.col_offset, _ONE_QUANTITY)

    def _refer(self, meter: str, quantity: str, places: tuple[int, int]) -> Node:
        """places: where the meter and where the quantity stands."""
        if meter not in self._known:
            remedy = self._quoted() or self._guess(meter, self._known.keys())
            raise self._error(f'no meter "{meter}"', places[0], remedy)
        reference = self._known[meter].get(quantity)
        if reference is None:
            remedy = self._guess(quantity, self._known[meter].keys())
            raise self._error(f'{meter} has no quantity "{quantity}"', places[1], remedy)
        column = self._first + places[0]
        self.references.setdefault(reference, column)
        index = list(self.references).index(reference)
        return Node("reference", column, reference=index)


_NODES: Final[dict[type[ast.expr], Any]] = {
    ast.Constant: _Reader.number,
    ast.BinOp: _Reader.binary,
    ast.UnaryOp: _Reader.signed,
    ast.Compare: _Reader.compared,
    ast.BoolOp: _Reader.logical,
    ast.IfExp: _Reader.chosen,
    ast.Call: _Reader.called,
    ast.Name: _Reader.named,
    ast.Attribute: _Reader.quantity,
}
"""Every kind of node there is in the grammar."""
