"""What becomes of the sources of a bill when somebody asks for it, through API or command.

As `bill_orders.py`: a change is decided and returned. To a bill of the file others can be added
beside the file's own sources, and each of those can be disabled and enabled again.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from meterd.config.bill_books import (
    CONFLICT,
    MISSING,
    WRONG,
    Attached,
    Body,
    Books,
    By,
    RefusedError,
    attached,
    expect_bill,
    kept_sources,
    new_row,
    rewritten,
    source_of,
)
from meterd.config.bill_objects import Place, place
from meterd.config.checks.bills import NEEDS, kind_of
from meterd.config.stored import BILL, BILL_SOURCES, body_of
from meterd.orders import Administered, StoredObject


def added(books: Books, bill: str, body: Body, by: By) -> Administered:
    """A bill with one source more; `best` is resolved now. It is never there twice."""
    expect_bill(books, bill)
    where = _place(books, body)
    for known in attached(books, bill):
        if known.place == where:
            hint = "" if known.enabled else "; it is disabled, enable it"
            trouble = f"there is a source {_words(where)} on {bill} already{hint}"
            raise RefusedError(CONFLICT, "meter", trouble)
    rest = {"enabled": False} if body.get("enabled") is False else {}
    source = {**_named(where), **rest}
    return _with(
        books, bill, [*kept_sources(books, bill), source], _told("source_added", where, by)
    )


def removed(books: Books, bill: str, wanted: Place, by: By) -> Administered:
    """A bill without one of its sources. wanted: kind and phase may be "" for any."""
    source = _found(books, bill, wanted)
    if source.origin == "file":
        trouble = (
            f"the configuration file has {_words(source.place)}; disable it here, or take it "
            "out there and `meterd reload`"
        )
        raise RefusedError(CONFLICT, "meter", trouble)
    kept = [body for n, body in enumerate(kept_sources(books, bill)) if n != source.index]
    return _with(books, bill, kept, _told("source_removed", source.place, by))


def enabled(books: Books, bill: str, wanted: Place, by: By) -> Administered | None:
    """A bill that samples one of its sources again; None where it does."""
    source = _found(books, bill, wanted)
    if source.enabled:
        return None
    if source.origin == "file" and source.index < 0:
        trouble = f"the configuration file disables {_words(source.place)}; enable it there"
        raise RefusedError(CONFLICT, "enabled", trouble)
    kept = kept_sources(books, bill)
    if source.origin == "file":
        del kept[source.index]
    else:
        kept[source.index] = {**kept[source.index], "enabled": True}
    return _with(books, bill, kept, _told("source_enabled", source.place, by))


def disabled(books: Books, bill: str, wanted: Place, by: By) -> Administered | None:
    """A bill that samples one of its sources no more, and keeps it; None where it is so."""
    source = _found(books, bill, wanted)
    if not source.enabled:
        return None
    kept = kept_sources(books, bill)
    if source.origin == "file":
        kept.append({**_named(source.place), "enabled": False})
    else:
        kept[source.index] = {**kept[source.index], "enabled": False}
    return _with(books, bill, kept, _told("source_disabled", source.place, by))


def _found(books: Books, bill: str, wanted: Place) -> Attached:
    """The one source of a bill that is meant."""
    expect_bill(books, bill)
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
    source = source_of(body)
    meter = meters.get(source.meter)
    if meter is None:
        raise RefusedError(WRONG, "meter", f"is {source.meter!r}, and there is none of that name")
    if kind_of(source, meter) is None:
        phase = f" of {source.phase}" if source.phase else ""
        trouble = f"is {source.kind}, and {source.meter} does not read {NEEDS[source.kind]}{phase}"
        raise RefusedError(WRONG, "kind", trouble)
    return place(source, meters)


def _named(where: Place) -> Body:
    """A source in the words of the file."""
    meter, kind, phase = where
    return {"meter": meter, "kind": kind, **({"phase": phase} if phase else {})}


def _with(books: Books, bill: str, sources: Iterable[Body], told: Administered) -> Administered:
    """The change that makes these the sources that are kept here."""
    listed, old, by = list(sources), books.stored(bill), (told.at_ms, told.actor)
    if old is None:
        row = new_row(BILL_SOURCES, bill, {"name": bill, "sources": listed}, by)
    elif old.entity == BILL_SOURCES and not listed:
        row = msgspec.structs.replace(old, gone=True)
    else:
        row = rewritten(old, {**body_of(old), "sources": listed}, by)
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
