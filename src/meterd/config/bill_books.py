"""The books of bills as an order finds them: what the file has, and what was made beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from meterd.config.bill_objects import Place, place
from meterd.config.bills import SourceConfig
from meterd.config.models import Config
from meterd.config.stored import BILL, BILL_SOURCES, body_of, encoded, label
from meterd.orders import StoredObject
from meterd.records.ulid import named_ulid

MISSING: Final = "missing"
CONFLICT: Final = "conflict"
WRONG: Final = "wrong"

By = tuple[int, str]
"""When (epoch ms), and who."""
Body = dict[str, Any]


class RefusedError(Exception):
    """Why a change is not made. kind: MISSING, CONFLICT or WRONG. field: what of it, or "".

    trouble: a sentence; of what is WRONG, the rest of one that begins with the field.
    """

    def __init__(self, kind: str, field: str, trouble: str) -> None:
        super().__init__(f"{field} {trouble}".strip() if kind == WRONG else trouble)
        self.kind = kind
        self.field = field
        self.trouble = trouble


class Books(msgspec.Struct, frozen=True):
    """What there is. file: the configuration file's. config: with what was made through the
    API and fits. objects: what was made, by label."""

    file: Config
    config: Config
    objects: Mapping[str, StoredObject]

    def in_file(self, bill: str) -> bool:
        """Whether the file has the bill: then it is read-only."""
        return any(own.name == bill for own in self.file.bills)

    def stored(self, bill: str) -> StoredObject | None:
        """The object that the bill, or what was made of its sources, is kept in."""
        return self.objects.get(label(BILL_SOURCES if self.in_file(bill) else BILL, bill))


class Attached(msgspec.Struct, frozen=True):
    """A source of a bill. origin: file or api. index: among those that are kept here, or -1."""

    place: Place
    enabled: bool
    origin: str
    index: int = -1


def expect_bill(books: Books, name: str) -> None:
    """Raise RefusedError where there is no such bill."""
    if not books.in_file(name) and label(BILL, name) not in books.objects:
        raise RefusedError(MISSING, "", f"there is no bill {name!r}")


def attached(books: Books, bill: str) -> list[Attached]:
    """The sources of a bill, those of the file first."""
    meters = {meter.name: meter for meter in books.config.meters}
    own = next((own.sources for own in books.file.bills if own.name == bill), ())
    here = {place(source_of(body), meters): n for n, body in enumerate(kept_sources(books, bill))}
    enabled = [body.get("enabled", True) for body in kept_sources(books, bill)]
    found = []
    for source in own:
        where = place(source, meters)
        index = here.pop(where, -1)
        goes = source.enabled and (index < 0 or enabled[index])
        found.append(Attached(where, goes, "file", index))
    return found + [Attached(where, enabled[n], "api", n) for where, n in here.items()]


def source_of(body: Mapping[str, Any]) -> SourceConfig:
    """A source from its own words; what else is wrong with it is told by its field."""
    try:
        return msgspec.convert(dict(body), SourceConfig)
    except msgspec.ValidationError as error:
        text, _, at = str(error).partition(" - at `$")
        field = at.strip("`.") or next((key for key in body if f"`{key}`" in text), "meter")
        raise RefusedError(WRONG, field, f"is wrong: {text}") from None


def kept_sources(books: Books, bill: str) -> list[Body]:
    """The sources of a bill that are kept here."""
    row = books.stored(bill)
    sources: list[Body] = [] if row is None else body_of(row).get("sources", [])
    return sources


def new_row(entity: str, name: str, body: Body, by: By) -> StoredObject:
    """The row of something new."""
    return StoredObject(named_ulid(entity, name), entity, name, encoded(body), *by)


def rewritten(old: StoredObject, body: Body, by: By) -> StoredObject:
    """The row with another body."""
    now_ms, actor = by
    return msgspec.structs.replace(old, body=encoded(body), modified_ms=now_ms, modified_by=actor)
