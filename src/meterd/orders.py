"""What an operator asks for, one frozen struct each; the pipeline takes them like any input.

Each carries who gave it and when. What becomes of an order is told by events: what cannot be
carried out leaves one of a kind that ends in `_refused`, with a sentence in `why`.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

RecordOrder = Literal["cutover", "pause", "resume", "cancel"]
RECORD_ORDERS: Final[tuple[RecordOrder, ...]] = ("cutover", "pause", "resume", "cancel")

HISTORY_IMPORTED: Final = "history_imported"
"""The kind of its event; stands in every interval that another system has measured, too."""
LOSS_WINDOW: Final = "loss_window"
"""The kind of the event of a time in which nobody counted; what is booked around it is a lower
bound."""
REFUSED: Final = "_refused"
"""How the kind of an event ends that says why an order was not carried out."""


class RecordOrdered(msgspec.Struct, frozen=True, gc=False):
    """To cut, pause, resume or cancel the record of a configuration now."""

    record: str
    at_ms: int
    actor: str
    order: RecordOrder


class ReplacementOrdered(msgspec.Struct, frozen=True, gc=False):
    """The device of a meter was replaced: now, or when the readings have shown it already.

    quantity: the register, "" for all of the meter's. swapped_ms: when it was replaced, None
    for now. old_final, new_initial: what the old register last showed and the new one first,
    base units. serial: of the new device. force: believe more use than the ceiling allows.
    """

    meter: str
    at_ms: int
    actor: str
    quantity: str = ""
    swapped_ms: int | None = None
    old_final: int | None = None
    new_initial: int | None = None
    serial: str | None = None
    force: bool = False


class Acknowledged(msgspec.Struct, frozen=True, gc=False):
    """Somebody has seen an alarm that stands. alarm: "load" or "load/critical", "" for all of the
    meter's. note: what they have to say of it."""

    meter: str
    at_ms: int
    actor: str
    alarm: str = ""
    note: str = ""


class LossDeclared(msgspec.Struct, frozen=True, gc=False):
    """Nobody counted a meter's pulses from its newest reading until now.

    quantities: its counters that were not followed. reason: why, for the event.
    """

    meter: str
    at_ms: int
    quantities: tuple[str, ...]
    reason: str


class RecordEdit(msgspec.Struct, frozen=True, gc=False):
    """An operator's own columns of a record, as they are to be. id: plain, without dashes."""

    id: str
    columns: dict[str, Any]
    modified_ms: int
    modified_by: str


class HistoryOrdered(msgspec.Struct, frozen=True, gc=False):
    """To take what another system has measured as the history of a meter, before its own.

    rows: (start_ms, end_ms, amount, good) in base units, apart from each other, from what is
    there and from what the meter has counted itself: whoever orders has looked. source: the
    file. amount: their sum as it is told. Of all inputs it alone makes no time pass: a store
    that nobody runs is not carried into the present by its past.
    """

    meter: str
    at_ms: int
    actor: str
    quantity: str
    rows: tuple[tuple[int, int, int, bool], ...]
    source: str
    amount: str
    unit: str


EDITABLE: Final = {
    "enabled": bool,
    "notes": str,
    "spare1": str,
    "spare2": str,
    "spare3": str,
    "description": str,
    "to_be_pruned": bool,
}
"""The columns that belong to the operator, and their types; texts may be null (seed 001)."""

OBJECTS_MAX: Final = 20_000
"""Most objects made through the API: ten times the meters of a large site."""
TOKENS_MAX: Final = 1_000
"""Most tokens; every request is held against each of them."""


class StoredObject(msgspec.Struct, frozen=True, gc=False):
    """Something made through the API. body: its JSON, in the words of the configuration file.

    entity, name: what it is and is called, unique together. gone: from now on there is none.
    """

    id: str
    entity: str
    name: str
    body: str
    created_ms: int
    created_by: str
    modified_ms: int | None = None
    modified_by: str | None = None
    gone: bool = False


class StoredToken(msgspec.Struct, frozen=True, gc=False):
    """A bearer token. sha256: of the whole token, in hex; nobody keeps the token itself.

    scopes: read, operate, write, admin or push:METER. expires_ms: None for never. used_ms: when
    it was last good for something, to the minute. gone: it is revoked.
    """

    name: str
    sha256: str
    scopes: tuple[str, ...]
    created_ms: int
    created_by: str
    expires_ms: int | None = None
    used_ms: int | None = None
    gone: bool = False


USERS_MAX: Final = 1_000
ROLES_MAX: Final = 200
GRANTS_MAX: Final = 20_000
"""Most grants: what somebody may see is looked for in all of them."""
SESSIONS_MAX: Final = 2_000
"""Most logins that stand at once; the one that was used longest ago ends for a new one."""


class StoredUser(msgspec.Struct, frozen=True, gc=False):
    """Somebody who may log in. password: its Argon2id hash, "" where another vouches for them.

    level: 1..10, as seed 003 has them. roles: whose grants are theirs too. gone: is one no more.
    """

    name: str
    password: str
    level: int
    roles: tuple[str, ...]
    created_ms: int
    created_by: str
    modified_ms: int | None = None
    modified_by: str | None = None
    gone: bool = False


class StoredRole(msgspec.Struct, frozen=True, gc=False):
    """What several users are, so that bills can be granted to all of them at once."""

    name: str
    description: str
    created_ms: int
    created_by: str
    gone: bool = False


class StoredGrant(msgspec.Struct, frozen=True, gc=False):
    """A bill that a user or a role may see. kind: user or role. expires_ms: None for never."""

    bill: str
    kind: str
    holder: str
    created_ms: int
    created_by: str
    expires_ms: int | None = None
    gone: bool = False


class StoredSession(msgspec.Struct, frozen=True, gc=False):
    """A login that stands. sha256: of what the browser has; nobody keeps that itself.

    via: password or oidc. level, roles: what another provider says of the user, None and ()
    where our own list of users does. seen_ms: when it was last used, to a few minutes.
    """

    sha256: str
    user: str
    via: str
    created_ms: int
    seen_ms: int
    expires_ms: int
    level: int | None = None
    roles: tuple[str, ...] = ()
    gone: bool = False


Row = StoredObject | StoredToken | StoredUser | StoredRole | StoredGrant | StoredSession
"""What the store keeps for people: each kind has a table of its own."""


class Administered(msgspec.Struct, frozen=True, gc=False):
    """Somebody changed what the store keeps for them. kind, meter, numbers: of its event.

    also: what changes with it, as the grants of a user who is removed.
    """

    at_ms: int
    actor: str
    kind: str
    row: Row | RecordEdit
    meter: str = ""
    numbers: dict[str, Any] = {}
    also: tuple[Row, ...] = ()
