"""What becomes of bills and their sources when somebody asks for it, through API or command.

Each function decides one change and returns it as an `Administered`, to be checked by the file's
rules and committed; it changes nothing itself. The file's bills are read-only: of their sources
others can be added, and each can be disabled and enabled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from meterd.config.bill_objects import Place, place
from meterd.config.bills import SourceConfig
from meterd.config.checks.bills import NEEDS, kind_of
from meterd.config.models import Config
from meterd.config.stored import BILL, BILL_SOURCES, body_of, encoded, label
from meterd.orders import OBJECTS_MAX, Administered, StoredObject
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


# -- bills --------------------------------------------------------------------------------


def created(books: Books, body: Body, by: By) -> Administered:
    """A new bill. body: in the words of the file."""
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise RefusedError(WRONG, "name", "is required")
    if books.in_file(name) or label(BILL, name) in books.objects:
        raise RefusedError(CONFLICT, "name", f"there is a bill {name!r} already; choose another")
    if len(books.objects) >= OBJECTS_MAX:
        raise RefusedError(CONFLICT, "", f"there are {OBJECTS_MAX} objects, and no room for more")
    body = {key: value for key, value in body.items() if value is not None}
    row = _new(BILL, name, body, by)
    return Administered(*by, "bill_created", row, numbers={"bill": name, "body": _plain(body)})


def changed(books: Books, name: str, body: Body, by: By) -> Administered | None:
    """A bill with other terms, from the next period on; None where nothing changes.

    null takes a value away.
    """
    if body.get("name", name) != name:
        raise RefusedError(WRONG, "name", "is what the bill is known by, and stays")
    old = _writable(books, name)
    after = {key: value for key, value in {**body_of(old), **body}.items() if value is not None}
    return _changed(old, after, by, "bill_changed")


def ended(books: Books, name: str, by: By, *, sampled: bool) -> Administered | None:
    """A bill that is over: it closes its open period at its end. sampled: it has a history;
    without one it is taken away altogether."""
    old = _writable(books, name)
    if sampled:
        return _changed(old, {**body_of(old), "ended": True}, by, "bill_ended")
    numbers = {"bill": name, "body": _plain(body_of(old))}
    return Administered(
        *by, "bill_deleted", msgspec.structs.replace(old, gone=True), numbers=numbers
    )


def _writable(books: Books, name: str) -> StoredObject:
    _expect_bill(books, name)
    old = books.stored(name)
    if books.in_file(name) or old is None:
        trouble = (
            f"the configuration file has {name!r}, so it is read-only here; change it there, "
            "then `meterd reload`"
        )
        raise RefusedError(CONFLICT, "", trouble)
    return old


def _expect_bill(books: Books, name: str) -> None:
    if not books.in_file(name) and label(BILL, name) not in books.objects:
        raise RefusedError(MISSING, "", f"there is no bill {name!r}")


def _changed(old: StoredObject, after: Body, by: By, kind: str) -> Administered | None:
    before = body_of(old)
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if not keys:
        return None
    row = _rewritten(old, after, by)
    changes = {key: [before.get(key), after.get(key)] for key in keys}
    return Administered(*by, kind, row, numbers={"bill": old.name, "changes": _plain(changes)})


# -- sources ------------------------------------------------------------------------------


def attached(books: Books, bill: str) -> list[Attached]:
    """The sources of a bill, those of the file first."""
    meters = {meter.name: meter for meter in books.config.meters}
    own = next((own.sources for own in books.file.bills if own.name == bill), ())
    here = {place(_source(body), meters): n for n, body in enumerate(_kept(books, bill))}
    enabled = [body.get("enabled", True) for body in _kept(books, bill)]
    found = []
    for source in own:
        where = place(source, meters)
        index = here.pop(where, -1)
        goes = source.enabled and (index < 0 or enabled[index])
        found.append(Attached(where, goes, "file", index))
    return found + [Attached(where, enabled[n], "api", n) for where, n in here.items()]


def added(books: Books, bill: str, body: Body, by: By) -> Administered:
    """A bill with one source more; `best` is resolved now. It is never there twice."""
    _expect_bill(books, bill)
    where = _place(books, body)
    for known in attached(books, bill):
        if known.place == where:
            hint = "" if known.enabled else "; it is disabled, enable it"
            trouble = f"there is a source {_words(where)} on {bill} already{hint}"
            raise RefusedError(CONFLICT, "meter", trouble)
    meter, kind, phase = where
    source = {"meter": meter, "kind": kind, **({"phase": phase} if phase else {}), **_rest(body)}
    return _with(books, bill, [*_kept(books, bill), source], _told("source_added", where, by))


def removed(books: Books, bill: str, wanted: Place, by: By) -> Administered:
    """A bill without one of its sources. wanted: kind and phase may be "" for any."""
    source = _found(books, bill, wanted)
    if source.origin == "file":
        trouble = (
            f"the configuration file has {_words(source.place)}; disable it here, or take it "
            "out there and `meterd reload`"
        )
        raise RefusedError(CONFLICT, "meter", trouble)
    kept = [body for n, body in enumerate(_kept(books, bill)) if n != source.index]
    return _with(books, bill, kept, _told("source_removed", source.place, by))


def switched(
    books: Books, bill: str, wanted: Place, by: By, *, enabled: bool
) -> Administered | None:
    """A bill with one of its sources enabled or disabled; None where it is so already."""
    source = _found(books, bill, wanted)
    if source.enabled == enabled:
        return None
    kept = [dict(body) for body in _kept(books, bill)]
    meter, kind, phase = source.place
    if source.origin == "api":
        kept[source.index]["enabled"] = enabled
    elif source.index >= 0:
        del kept[source.index]
    elif enabled:
        trouble = f"the configuration file disables {_words(source.place)}; enable it there"
        raise RefusedError(CONFLICT, "enabled", trouble)
    else:
        named = {"phase": phase} if phase else {}
        kept.append({"meter": meter, "kind": kind, **named, "enabled": False})
    told = _told("source_enabled" if enabled else "source_disabled", source.place, by)
    return _with(books, bill, kept, told)


def _found(books: Books, bill: str, wanted: Place) -> Attached:
    """The one source of a bill that is meant."""
    _expect_bill(books, bill)
    meter, kind, phase = wanted
    fitting = [
        known
        for known in attached(books, bill)
        if known.place[0] == meter
        and kind in {"", known.place[1]}
        and (phase in {"", known.place[2]})
    ]
    if not fitting:
        raise RefusedError(MISSING, "", f"there is no source {_words(wanted)} on {bill}")
    exact = [known for known in fitting if known.place == wanted]
    if len(exact) == 1:
        return exact[0]
    if len(fitting) > 1:
        several = " or ".join(_words(known.place) for known in fitting)
        raise RefusedError(CONFLICT, "kind", f"tell the kind and the phase: is it {several}?")
    return fitting[0]


def _place(books: Books, body: Body) -> Place:
    """What a source that was sent would be on its bill."""
    meters = {meter.name: meter for meter in books.config.meters}
    source = _source(body)
    meter = meters.get(source.meter)
    if meter is None:
        raise RefusedError(WRONG, "meter", f"is {source.meter!r}, and there is none of that name")
    if kind_of(source, meter) is None:
        phase = f" of {source.phase}" if source.phase else ""
        trouble = f"is {source.kind}, and {source.meter} does not read {NEEDS[source.kind]}{phase}"
        raise RefusedError(WRONG, "kind", trouble)
    return place(source, meters)


def _source(body: Mapping[str, Any]) -> SourceConfig:
    """A source from its own words; what else is wrong with it is told by its field."""
    try:
        return msgspec.convert(dict(body), SourceConfig)
    except msgspec.ValidationError as error:
        text, _, at = str(error).partition(" - at `$")
        field = at.strip("`.") or next((key for key in body if f"`{key}`" in text), "meter")
        raise RefusedError(WRONG, field, f"is wrong: {text}") from None


def _rest(body: Body) -> Body:
    return {"enabled": False} if body.get("enabled") is False else {}


def _kept(books: Books, bill: str) -> list[Body]:
    """The sources of a bill that are kept here."""
    row = books.stored(bill)
    sources: list[Body] = [] if row is None else body_of(row).get("sources", [])
    return sources


def _with(books: Books, bill: str, sources: Iterable[Body], told: Administered) -> Administered:
    """The change that makes these the sources that are kept here."""
    listed, old, by = list(sources), books.stored(bill), (told.at_ms, told.actor)
    if old is None:
        row = _new(BILL_SOURCES, bill, {"name": bill, "sources": listed}, by)
    elif old.entity == BILL_SOURCES and not listed:
        row = msgspec.structs.replace(old, gone=True)
    else:
        row = _rewritten(old, {**body_of(old), "sources": listed}, by)
    return msgspec.structs.replace(told, row=row, numbers={"bill": bill, **told.numbers})


def _told(kind: str, where: Place, by: By) -> Administered:
    """The event of a change; its row and its bill follow."""
    meter, source_kind, phase = where
    numbers = {"source": source_kind, **({"phase": phase} if phase else {})}
    nothing = StoredObject("", BILL, "", "", 0, "")
    return Administered(*by, kind, nothing, meter, numbers)


def _words(where: Place) -> str:
    meter, kind, phase = where
    told = ", ".join(filter(None, (kind, phase)))
    return f"{meter} ({told})" if told else meter


# -- rows ---------------------------------------------------------------------------------


def _new(entity: str, name: str, body: Body, by: By) -> StoredObject:
    return StoredObject(named_ulid(entity, name), entity, name, encoded(body), *by)


def _rewritten(old: StoredObject, body: Body, by: By) -> StoredObject:
    now_ms, actor = by
    return msgspec.structs.replace(old, body=encoded(body), modified_ms=now_ms, modified_by=actor)


def _plain(value: Any) -> Any:
    """JSON-ready, exact numbers as text."""
    return msgspec.to_builtins(value)
