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
    builder = _Builder(parser)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NoHistoryError(f"line {error.lineno} is no XML: {error}") from None
    except (LookupError, ValueError) as error:  # an encoding that nobody knows, or not its bytes
        raise NoHistoryError(f"is no XML that can be read: {error}; save it as UTF-8") from None
    return builder.top.children[0]


class _Builder:
    """Puts the parser's events together; the elements that are open are a list, not a call."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.top = Node("", {}, 0)
        self._parser = parser
        self._open = [self.top]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        line = self._parser.CurrentLineNumber
        if len(self._open) > DEPTH_MAX:
            raise NoHistoryError(f"line {line} is nested too deeply")
        node = Node(name.rpartition(SEPARATOR)[2], attributes, line)
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _name: str) -> None:
        """It ends."""
        self._open.pop()

    def text(self, data: str) -> None:
        """Text stands directly in the one that is open."""
        node = self._open[-1]
        node.text += data
        if len(node.text) > TEXT_MAX:
            raise NoHistoryError(f"line {node.line} holds more text than any of our elements")

    def refuse(self, *_parts: Any) -> None:
        """A document type."""
        line = self._parser.CurrentLineNumber
        raise NoHistoryError(f"line {line} declares a document type, which data has no need of")
