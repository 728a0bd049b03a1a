"""The JSON Schema of the configuration file, for editors and `check --schema`.

Made from the structs. Two things are the file's own: durations, ratios and exact numbers
are text or number as a person writes them, and any value may be a reference.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Final

import msgspec

from meterd.config.models import Config
from meterd.config.values import DURATION, RATIO, duration_text

REFERENCE: Final = {"$ref": "#/$defs/Reference"}
_KINDS: Final[dict[str, dict[str, Any]]] = {
    "duration": {"type": "string", "pattern": DURATION},
    "ratio": {"type": "string", "pattern": RATIO},
    "file": {"type": "string"},
    "content": {"type": "string"},
    "own": {"type": ["string", "number", "boolean"]},
}
_NUMBER: Final = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$"},
    ]
}


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    made = msgspec.json.schema(Config, schema_hook=lambda _kind: {"type": "string"})
    definitions = {name: written(part) for name, part in made.pop("$defs").items()}
    definitions["Reference"] = {
        "type": "string",
        "pattern": r"\$\{(env|file|cred):[^}]+\}",
        "description": "Taken from the environment, a file or a systemd credential.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "meterd configuration",
        **made,
        "$defs": definitions,
    }


def written(part: Any) -> Any:
    """A part of msgspec's schema as the file is written."""
    if isinstance(part, list | tuple):
        return [written(item) for item in part]
    if not isinstance(part, dict):
        return part
    if "properties" in part:
        named = {key: written(value) for key, value in part["properties"].items()}
        return {**part, "description": cleandoc(part["description"]), "properties": named}
    kind = part.get("x-kind")
    told = {key: part[key] for key in ("description", "default", "examples") if key in part}
    if kind == "duration" and isinstance(told.get("default"), int):
        told["default"] = duration_text(told["default"])
    if kind is not None:
        return {"anyOf": [_KINDS[kind], REFERENCE], **told}
    if part.get("format") == "decimal":
        return {"anyOf": [*_NUMBER["anyOf"], REFERENCE], **told}
    if "enum" in part and len(part["enum"]) > 1:
        return {"anyOf": [_enum(part["enum"]), REFERENCE], **told}
    if part.get("type") in {"integer", "boolean"} or "pattern" in part:
        bare = {key: value for key, value in part.items() if key not in told}
        return {"anyOf": [bare, REFERENCE], **told}
    return {key: written(value) for key, value in part.items()}


def _enum(words: list[str]) -> dict[str, Any]:
    """Words that look like numbers may be written as numbers: version: 3."""
    numbers = [float(word) for word in words if word.replace(".", "").isdecimal()]
    return {"enum": [*words, *numbers]}
