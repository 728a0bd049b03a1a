"""XML of strangers as a plain tree, with the line of every element.

A document type is refused, so there are no entities that could grow or reach out; expat
itself expands nothing else. There is no recursion here, however deep the file is.
Source: docs.python.org/library/xml.html, "XML vulnerabilities".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

from meterd.shapes.history.rows import NoHistoryError

DEPTH_MAX: Final = 64
TEXT_MAX: Final = 10_000
SEPARATOR: Final = " "
"""Between a name space and a name; neither can hold it."""


class Node:
    """An element by its local name; text is what stands directly in it."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.text = ""
        self.children: list[Node] = []

    def all(self, name: str) -> Iterator[Node]:
        """Its children of that name."""
        return (child for child in self.children if child.name == name)

    def first(self, *names: str) -> Node | None:
        """The first child of a child and so on, or None."""
        found: Node | None = self
        for name in names:
            found = None if found is None else next(found.all(name), None)
        return found

    def value(self, *names: str) -> str | None:
        """The text of `first`, without blanks around it."""
        found = self.first(*names)
        return None if found is None else found.text.strip()


def tree(data: bytes) -> Node:
    """The document's root. Raises NoHistoryError, which names the line."""
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    root = Node("", {}, 0)
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEPTH_MAX:
            raise NoHistoryError(f"line {parser.CurrentLineNumber} is nested too deeply")
        node = Node(name.rpartition(SEPARATOR)[2], attributes, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_name: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        node = stack[-1]
        node.text += data
        if len(node.text) > TEXT_MAX:
            raise NoHistoryError(f"line {node.line} holds more text than any of our elements")

    def refuse(*_parts: Any) -> None:
        raise NoHistoryError(
            f"line {parser.CurrentLineNumber} declares a document type, which data has no need of"
        )

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NoHistoryError(f"line {error.lineno} is no XML: {error}") from None
    return root.children[0]
