"""What becomes of a bill when somebody asks for it, through API or command.

Each function decides one change and returns it as an `Administered`, to be checked by the file's
rules and committed; it changes nothing itself. The file's bills are read-only.
"""

from __future__ import annotations

from typing import Any

import msgspec

from meterd.config.bill_books import (
    CONFLICT,
    WRONG,
    Body,
    Books,
    By,
    RefusedError,
    expect_bill,
    new_row,
    rewritten,
)
from meterd.config.stored import BILL, body_of, label
from meterd.orders import OBJECTS_MAX, Administered, StoredObject


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
    row = new_row(BILL, name, body, by)
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
    expect_bill(books, name)
    old = books.stored(name)
    if books.in_file(name) or old is None:
        trouble = (
            f"the configuration file has {name!r}, so it is read-only here; change it there, "
            "then `meterd reload`"
        )
        raise RefusedError(CONFLICT, "", trouble)
    return old


def _changed(old: StoredObject, after: Body, by: By, kind: str) -> Administered | None:
    before = body_of(old)
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if not keys:
        return None
    row = rewritten(old, after, by)
    changes = {key: [before.get(key), after.get(key)] for key in keys}
    return Administered(*by, kind, row, numbers={"bill": old.name, "changes": _plain(changes)})


def _plain(value: Any) -> Any:
    """JSON-ready, exact numbers as text."""
    return msgspec.to_builtins(value)
