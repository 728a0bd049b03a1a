"""What DemandFlow says back: bodies, lists of objects, and the fields of a definition.

Pure. A definition is panels of columns of rows of fields, often as JSON text within JSON, and
administrators reshape it; so a field is whatever has an id and a type, wherever it stands.
Source: DemandFlow, "Entity Definition Structure", "List objects"; seed 000.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

DEPTH_MAX: Final = 24
"""A definition is some ten levels deep; what is deeper is not looked at."""

NUMBER, TEXT, DATE, TIME, ENUM, REFERENCE = "number", "text", "date", "time", "enum", "reference"
TYPES: Final = {
    **dict.fromkeys(("number", "decimal", "float", "currency", "percent", "percentage"), NUMBER),
    **dict.fromkeys(("text", "textarea", "multiline", "string"), TEXT),
    "date": DATE,
    "datetime": TIME,
    "timestamp": TIME,
    **dict.fromkeys(("enum", "select", "indexedselect"), ENUM),
    **dict.fromkeys(("reference", "objectlookup"), REFERENCE),
}
"""Type of a definition's field, in lower case -> what it takes; any other takes nothing."""

_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ORIGINALS: Final = ("code", "original", "originalId", "originalName", "originalCode")
_BRANCHES: Final = frozenset({"definition", "fields", "properties"})


class WrongBodyError(ValueError):
    """A body that is not what the API promises; says how."""


class Target(msgspec.Struct, frozen=True):
    """A field of the tenant's definition.

    key: its name in an object's JSON. type: in lower case. was: names it says it had before.
    options: (id, text) of an enumeration's values.
    """

    key: str
    type: str
    was: tuple[str, ...] = ()
    label: str = ""
    required: bool = False
    options: tuple[tuple[Any, str], ...] = ()


def decoded(body: bytes | str) -> Any:
    """JSON as plain objects. Raises WrongBodyError."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongBodyError(f"it is no JSON: {error}") from error


def rows(body: bytes) -> list[dict[str, Any]]:
    """The objects of a list: a JSON array or one object a line, as both are documented.

    Raises WrongBodyError for anything else, and for an error in midstream: half a list
    would make us create what exists.
    """
    text = body.strip()
    if text.startswith(b"["):
        found = decoded(text)
    else:
        found = [decoded(line) for line in text.splitlines() if line.strip()]
    for row in found:
        if not isinstance(row, dict):
            raise WrongBodyError("it holds what is no object")
        if row.get("_type") == "error":
            raise WrongBodyError(f"it broke off: {row.get('message') or row.get('error')}")
    return list(found)


def targets(definition: Any) -> list[Target]:
    """Every field of a DEFINITION object, first come first; none if it has no such shape."""
    if not isinstance(definition, dict):
        return []
    found: dict[str, Target] = {}
    for key, child in definition.items():
        for target in _walk(key, child, DEPTH_MAX):
            found.setdefault(target.key, target)
    return list(found.values())


def _walk(key: str, node: Any, depth: int) -> Iterator[Target]:
    """The fields at and below `node`, which stands under `key`."""
    if key == "definition" and isinstance(node, str):
        try:
            node = decoded(node)
        except WrongBodyError:
            return
    if depth == 0 or not isinstance(node, list | dict):
        return
    if isinstance(node, list):
        for child in node:
            if isinstance(child, dict):
                yield from _field_or_below("", child, depth - 1)
    elif key in _BRANCHES:
        for name, child in node.items():
            if isinstance(child, dict) and name not in _BRANCHES:
                yield from _field_or_below(name, child, depth - 1)
            else:
                yield from _walk(name, child, depth - 1)


def _field_or_below(name: str, node: dict[str, Any], depth: int) -> Iterator[Target]:
    """A field; or, if it is none that we know, what it holds; or else a field of a new type."""
    own = _target(name, node)
    if own is not None and own.type in TYPES:
        yield own
        return
    below = [target for key, child in node.items() for target in _walk(key, child, depth)]
    yield from below or ([own] if own is not None else [])


def _target(name: str, node: dict[str, Any]) -> Target | None:
    kind = node.get("type")
    ids = (node.get("id"), node.get("code"), name)
    key = next((text for text in ids if isinstance(text, str) and _KEY.fullmatch(text)), None)
    if key is None or not isinstance(kind, str):
        return None
    was = [node[origin] for origin in _ORIGINALS if isinstance(node.get(origin), str)]
    options = node.get("options")
    return Target(
        key,
        kind.lower(),
        tuple(origin for origin in was if origin != key),
        str(node.get("name") or node.get("label") or ""),
        node.get("required") is True,
        tuple(_options(options if isinstance(options, list) else [])),
    )


def _options(options: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    for option in options:
        if isinstance(option, dict) and isinstance(option.get("id"), str | int):
            yield option["id"], str(option.get("text") or option.get("label") or "")
