"""YAML 1.2 as a configuration needs it: strict, bounded, every value knowing its place.

libyaml gives the events; this module builds the tree. Refused: duplicate keys, tags beyond
the core ones, keys that are not plain text, a second document. Bounded: bytes, depth, and
values after aliases are expanded. `<<` merges, as people expect of anchors.
Messages never repeat what stands in the file, keys apart: it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import msgspec
import yaml

from meterd.config.findings import Finding, Path, dotted
from meterd.config.scalars import Plain, scalar

MAX_BYTES: Final = 16 << 20
MAX_DEPTH: Final = 40
MAX_VALUES: Final = 1_000_000
"""Values after aliases are expanded; a site of 2,000 meters has about 100,000."""


class Scalar(msgspec.Struct, frozen=True):
    """A value. line, column: from 1, here and below."""

    line: int
    column: int
    value: Plain


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    line: int
    column: int
    items: list[Scalar | Sequence | Mapping]


class Mapping(msgspec.Struct, frozen=True):
    """Keys and values in the file's order; `keys` tells where each key stands."""

    line: int
    column: int
    entries: dict[str, Scalar | Sequence | Mapping]
    keys: dict[str, tuple[int, int]]


Node = Scalar | Sequence | Mapping

_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_CORE: Final = "tag:yaml.org,2002:"
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (int, Decimal),
    "bool": (bool,),
    "null": (type(None),),
}
_REMEDIES: Final = {
    "mapping values are not allowed": 'Put a value that holds ": " in quotes, or check the '
    "indentation.",
    "found incompatible YAML document": "Drop the %YAML line.",
    "unexpected end of stream": "Close the quote.",
}
_LOOK: Final = "Check the indentation, quotes and brackets here and in the line above."


def parse(data: bytes) -> tuple[Node | None, list[Finding]]:
    """The tree of a document, or None if there is none, and everything wrong with it."""
    if len(data) > MAX_BYTES:
        big = f"the file is larger than {MAX_BYTES >> 20} MiB"
        return None, [Finding("", 1, 1, big, "Is it the right file?")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        return None, [_at(before, "not UTF-8 text", "Save the file as UTF-8.")]
    if bad := _FORBIDDEN.search(text):
        code = f"the control character U+{ord(bad.group()):04X} is not allowed"
        return None, [_at(text[: bad.start()], code, "Remove it, or write it as an escape.")]
    builder = _Builder(text)
    return builder.document(), builder.findings


def plain(node: Node) -> Any:
    """A tree as dict, list and plain values."""
    if isinstance(node, Mapping):
        return {key: plain(child) for key, child in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(child) for child in node.items]
    return node.value


def _at(before: str, message: str, remedy: str) -> Finding:
    line = before.count("\n") + 1
    return Finding("", line, len(before) - before.rfind("\n"), message, remedy)


def _scalar_at(event: Any, value: Plain) -> Scalar:
    return Scalar(*_place(event), value)


def _place(event: Any) -> tuple[int, int]:
    """Line and column, from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1


class _StopError(Exception):
    """There is no sense in going on; the finding is noted already."""


class _Builder:
    def __init__(self, text: str) -> None:
        self.findings: list[Finding] = []
        self._text = text
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._count = 0

    def document(self) -> Node | None:
        try:
            next(self._events)  # the stream
            first = next(self._events)
            if isinstance(first, yaml.StreamEndEvent):
                self._note((), first, "the file is empty", "Write `site:` and `meters:`.")
                return None
            root = self._node(next(self._events), (), 0)
            _end, after = next(self._events), next(self._events)
            if not isinstance(after, yaml.StreamEndEvent):
                self._note((), after, "a second document begins here", "Keep one per file.")
        except yaml.MarkedYAMLError as error:
            self._note_syntax(error)
            return None
        except _StopError:
            return None
        return root

    def _note(self, path: Path, event: Any, message: str, remedy: str) -> None:
        self.findings.append(Finding(dotted(path), *_place(event), message, remedy))

    def _stop(self, path: Path, event: Any, message: str, remedy: str) -> _StopError:
        self._note(path, event, message, remedy)
        return _StopError(message)

    def _note_syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark, message = error.problem_mark, str(error.problem)
        line, column = (mark.line, mark.column) if mark else (0, 0)
        remedy = next((fix for text, fix in _REMEDIES.items() if text in message), _LOOK)
        if "cannot start any token" in message:
            tab = mark is not None and self._text[mark.index : mark.index + 1] == "\t"
            message = "a tab stands in the indentation" if tab else "no value begins like this"
            remedy = "Indent with spaces." if tab else "Put the value in quotes."
        elif error.context and error.context_mark:
            message += f" ({error.context} that begins in line {error.context_mark.line + 1})"
        self.findings.append(Finding("", line + 1, column + 1, message, remedy))

    def _node(self, event: Any, path: Path, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        before = self._count
        self._grow(event, path, 1)
        if depth > MAX_DEPTH:
            raise self._stop((), event, f"nested deeper than {MAX_DEPTH} levels", "Flatten it.")
        made: Node
        if isinstance(event, yaml.ScalarEvent):
            made = self._scalar(event, path)
        elif isinstance(event, yaml.MappingStartEvent):
            made = self._mapping(event, path, depth)
        else:
            made = self._sequence(event, path, depth)
        if event.anchor:
            self._anchors[event.anchor] = (made, self._count - before)
        return made

    def _grow(self, event: Any, path: Path, values: int) -> None:
        self._count += values
        if self._count > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values, aliases expanded"
            raise self._stop(path, event, message, "Use fewer aliases of aliases.")

    def _alias(self, event: Any, path: Path) -> Node:
        if event.anchor not in self._anchors:
            message = "this alias follows no anchor of its name"
            self._note(path, event, message, "Define the anchor before, or use quotes.")
            return _scalar_at(event, None)
        node, values = self._anchors[event.anchor]
        self._grow(event, path, values)
        return node

    def _tag(self, event: Any, path: Path, allowed: tuple[str, ...]) -> str:
        tag = str(event.tag or "")
        name = tag.removeprefix(_CORE)
        if tag in {"", "!"} or (name != tag and name in allowed):
            return name
        self._note(path, event, "this tag means nothing here", "Drop the tag, or use quotes.")
        return ""

    def _scalar(self, event: Any, path: Path) -> Scalar:
        tag = self._tag(event, path, ("str", *_TYPES))
        value: Plain = event.value
        if tag in _TYPES or (not tag and event.implicit[0]):
            value = scalar(event.value)
        if tag in _TYPES and not isinstance(value, _TYPES[tag]):
            self._note(path, event, f"the value is no {tag}", "Correct it or drop the tag.")
        return _scalar_at(event, value)

    def _sequence(self, event: Any, path: Path, depth: int) -> Sequence:
        self._tag(event, path, ("seq",))
        items: list[Node] = []
        while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(following, (*path, len(items)), depth + 1))
        return Sequence(*_place(event), items)

    def _mapping(self, event: Any, path: Path, depth: int) -> Mapping:
        self._tag(event, path, ("map",))
        made = Mapping(*_place(event), {}, {})
        merged: list[Node] = []
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise self._stop(path, key, "a key must be plain text", "Write the key's name.")
            self._tag(key, path, ("str",))
            name = str(key.value)
            child = self._node(next(self._events), (*path, name), depth + 1)
            if name == "<<" and key.implicit[0]:
                merged.append(child)
            elif name in made.entries:
                message = f"the key stands here twice, first in line {made.keys[name][0]}"
                self._note((*path, name), key, message, "Keep one of the two.")
            else:
                made.entries[name] = child
                made.keys[name] = _place(key)
        for node in merged:
            self._merge(made, node, event, path)
        return made

    def _merge(self, into: Mapping, node: Node, event: Any, path: Path) -> None:
        for source in node.items if isinstance(node, Sequence) else [node]:
            if not isinstance(source, Mapping):
                self._note((*path, "<<"), event, "only mappings can be merged", "Use *NAME.")
                continue
            for key, child in source.entries.items():
                if key not in into.entries:
                    into.entries[key] = child
                    into.keys[key] = source.keys[key]
