"""The grammar: what is in it, and that everything else is an error at its column."""

from collections.abc import Collection

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.metering.named import KNOWN

from meterd.metering.grammar import MAX_CHARACTERS, MAX_NODES, Node, parse
from meterd.metering.operands import ExpressionError


def shape(node: Node) -> str:
    """The tree as one line: (op part part), numbers as fractions, references as #index."""
    if node.op == "number":
        return str(node.number)
    if node.op == "reference":
        return f"#{node.reference}"
    return f"({node.op} {' '.join(map(shape, node.parts))})"


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text, KNOWN)
    return caught.value


TREES = {
    "main.active_power - pv.active_power": "(- #0 #1)",
    "main.active_power + main.active_power": "(+ #0 #0)",
    "main.active_power * 0.98": "(* #0 49/50)",
    "-main.active_power / +2": "(/ (neg #0) 2)",
    "(1 + 2) * 3.50": "(* (+ 1 2) 7/2)",
    "1 + 2 * 3": "(+ 1 (* 2 3))",
    "min(pv.current, 1e3, .5)": "(min #0 1000 1/2)",
    "max(pv.current, 2E-2)": "(max #0 1/50)",
    "abs(pv.current)": "(abs #0)",
    "pv.current if main.current > 5 else 0": "(if (> #0 5) #1 0)",
    "not 1 >= 2 and 3 != 4 or 5 < 6": "(or (and (not (>= 1 2)) (!= 3 4)) (< 5 6))",
    "1 <= 2 and 3 == 4": "(and (<= 1 2) (== 3 4))",
    'meter("rack-12").active_power': "#0",
    "meter('rack-12').current + 1": "(+ #0 1)",
    "hall.east.current + 1": "(+ #0 1)",
    "rack-12.current": "#0",  # alone it needs no quotes
    "  hall.east.current\n": "#0",
    "main.current\n\t + pv.current": "(+ #0 #1)",
    "1or 2": "(or 1 2)",
}


@pytest.mark.parametrize(("text", "tree"), TREES.items(), ids=TREES.keys())
def test_what_is_in_the_grammar(text: str, tree: str) -> None:
    assert shape(parse(text, KNOWN).root) == tree


def test_references_are_listed_once_in_order_with_their_first_column() -> None:
    found = parse(' main.current + meter("rack-12").current - main.current', KNOWN).references
    assert {str(name): column for name, column in found.items()} == {
        "main.current": 2,
        "rack-12.current": 17,
    }


QUOTED = 'Write meter("rack-12").QUANTITY.'
ONE = 'Write METER.QUANTITY, or meter("NAME").QUANTITY.'
WRONG = {
    # text: (column, message, remedy)
    "mian.current": (1, 'no meter "mian"', 'Did you mean "main"?'),
    "1 + pv.activ_power": (8, 'pv has no quantity "activ_power"', 'Did you mean "active_power"?'),
    "main.current2": (6, 'main has no quantity "current2"', 'Did you mean "current"?'),
    "1 + main": (5, "main alone is no value", ONE),
    "1 + rack-12.current": (12, "the expression breaks off here", QUOTED),
    "rack-b.current + 1": (1, "rack alone is no value", 'Write meter("rack-b").QUANTITY.'),
    "b.current + rack-b.current": (1, 'no meter "b"', 'Write meter("rack-b").QUANTITY.'),
    'meter("rack-1").current': (1, 'no meter "rack-1"', 'Did you mean "rack-12"?'),
    'meter("rack-12")': (1, "a meter alone is no value", ONE),
    "mn(1, 2)": (1, 'there is no function "mn"', 'Did you mean "min"?'),
    "1 + min(2)": (5, "min takes 2 values or more", None),
    "abs(1, 2)": (1, "abs takes one value", None),
    "max(1, 2, key=3)": (1, "max takes 2 values or more", None),
    "1 < 2 < 3": (1, "two comparisons in one", "Write a < b and b < c."),
    "1 + 0x1F": (5, "0x1F is no number", "Write it as 12 or 0.5."),
    "": (1, "the expression is empty", None),
    "  1 +": (6, "the expression breaks off here", None),
    "1 + 2 % 3": (7, "% has no meaning here", None),
    "1\u00b2": (2, "\u00b2 has no meaning here", None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG.items(), ids=WRONG.keys())
def test_an_error_has_its_column_and_a_remedy(
    text: str, expected: tuple[int, str, str | None]
) -> None:
    column, message, remedy = expected
    error = refused(text)
    assert (error.column, error.message) == (column, message)
    assert error.remedy
    assert remedy in (None, error.remedy)


HOSTILE = """
__import__("os").system("id")
main.__class__
main.__class__.__mro__
main.current.__class__
meter("main").__class__
meter(main.current).current
meter("main", "pv").current
meter(name="main").current
meter("ma" + "in").current
meter(*main.current).current
meter("main")("pv").current
main.current()
main.current.real
(main.current).current
(1 + 2).current
abs.current
abs(abs)
eval("1")
min(*main.current)
"text"
True
None
...
1j
1_000
0b1
1e999
9999999999999999999
2 ** 9
7 // 2
1 is 1
1 in 2
main.current, 1
(yield 1)
await 1
lambda
f"1"
b"1"
()
(1, 2)
-"a"
main .
.current
main..current
if.current
""".strip().splitlines()
CHARACTERS = [
    "[1]",
    "{1}",
    "1; 2",
    "1 # 2",
    "a := 1",
    "x @ y",
    "~1",
    "1 | 2",
    "$x",
    "\\",
    "`",
    "\0",
]


@pytest.mark.parametrize("text", [*HOSTILE, *CHARACTERS])
def test_nothing_else_is_in_the_grammar(text: str) -> None:
    error = refused(text)
    assert 1 <= error.column <= len(text) + 1
    assert error.remedy


@pytest.mark.parametrize(
    "text",
    [
        " + ".join(["main.current"] * 67),
        "-" * (MAX_NODES - 2) + "main.current",
        "abs(" * 99 + "main.current" + ")" * 99,
        "not " * (MAX_NODES - 2) + "main.current",
        "1 if 1 else " * 66 + "1",
    ],
    ids=["wide", "signs", "calls", "nots", "choices"],
)
def test_an_expression_may_be_as_large_as_the_bound(text: str) -> None:
    parse(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        " + ".join(["main.current"] * 68),
        "-" * (MAX_NODES - 1) + "main.current",
        "-" * (MAX_CHARACTERS - 1) + "1",
        "(" * MAX_CHARACTERS,
        "(" * 150 + "-" * MAX_NODES + "1" + ")" * 150,
        "1" + "+1" * MAX_CHARACTERS,
        "a." * (MAX_CHARACTERS // 2 - 1) + "b",
    ],
    ids=["wide", "signs", "all signs", "open", "nested", "long", "dots"],
)
def test_and_no_larger(text: str) -> None:
    assert refused(text).remedy


def test_the_text_bound_is_told_at_the_first_character_beyond() -> None:
    error = refused("  " + "1" * (MAX_CHARACTERS + 1))
    assert (error.column, error.message) == (2003, "the expression has more than 2000 characters")


def test_who_searches_for_near_names_may_be_given() -> None:
    asked: list[tuple[str, list[str]]] = []

    def guessed(word: str, names: Collection[str]) -> str:
        asked.append((word, sorted(names)))
        return "Look it up."

    with pytest.raises(ExpressionError, match="Look it up"):
        parse("mine.current + 1", KNOWN, guessed)
    assert asked == [("mine", sorted(KNOWN))]


@settings(deadline=None, max_examples=300)
@given(st.text("main.current(+-*/) <>=!'\"metr12 andorifels,\t\n", max_size=60) | st.text())
@example("-" * 500)
def test_any_text_is_a_tree_or_an_error_at_a_column_of_it(text: str) -> None:
    column = 1
    try:
        parse(text, KNOWN)
    except ExpressionError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
