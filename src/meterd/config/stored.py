"""Objects made through the API, in the words of the configuration file.

An object is JSON that the file's own reader reads, and what is wrong with it is told like what
is wrong with the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from meterd.config import yaml
from meterd.config.findings import ERROR, Finding
from meterd.orders import StoredObject

METER: Final = "POWERMETER"
BILL: Final = "BILL"
BILL_SOURCES: Final = "BILL_SOURCES"
"""What was made or changed of the sources of a bill that the file has."""

_LABELS: Final = {METER: "", BILL: "bill ", BILL_SOURCES: "sources of bill "}

Findings = dict[str, tuple[Finding, ...]]
"""Label of an object -> what is wrong with it; a finding's path begins below the object."""


def label(entity: str, name: str) -> str:
    """What an object is told apart by: a meter by its name, any other says what it is as well.

    No name of a meter or bill holds a blank, so no two labels are the same.
    """
    return f"{_LABELS[entity]}{name}"


def label_of(item: StoredObject) -> str:
    """The same, of a stored object."""
    return label(item.entity, item.name)


def body_of(item: StoredObject) -> dict[str, Any]:
    """A stored object in the words of the file; exact numbers are Decimals."""
    decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
    return decoder.decode(item.body)


def encoded(body: Any) -> str:
    """The same, to be stored, or a part of it."""
    return msgspec.json.Encoder(decimal_format="number").encode(body).decode()


def node(value: Any) -> yaml.Node:
    """A value as a node of the file's tree. What looks like a reference is none: it is escaped,
    so that nobody reads the host's files and environment through the API."""
    if isinstance(value, dict):
        entries = {str(key): node(child) for key, child in value.items()}
        return yaml.Mapping(0, 0, entries, dict.fromkeys(entries, (0, 0)))
    if isinstance(value, list):
        return yaml.Sequence(0, 0, [node(child) for child in value])
    text = value.replace("${", "$${") if isinstance(value, str) else value
    return yaml.Scalar(0, 0, text)


def by_object(findings: Sequence[Finding], section: str, labels: Sequence[str]) -> Findings:
    """The errors, each with its object; with every one of them what is nobody's own.

    labels: of the objects in the places of the section, "" for what is the file's.
    """
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.severity == ERROR:
            head, _, rest = finding.path.partition(".")
            index, _, path = rest.partition(".")
            own = labels[int(index)] if head == section and index.isdecimal() else ""
            below = msgspec.structs.replace(finding, path=path) if own else finding
            for name in [own] if own else filter(None, labels):
                found.setdefault(name, []).append(below)
    return {name: tuple(wrong) for name, wrong in found.items()}
