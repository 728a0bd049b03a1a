"""What the tests of the stores are made of: one hour of a small site."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from meterd.events import Adjusted, Event, Interval, PeriodClosed, RecordRow, Sample
from meterd.orders import (
    StoredGrant,
    StoredObject,
    StoredRole,
    StoredSession,
    StoredToken,
    StoredUser,
)
from meterd.records.ulid import ulid
from meterd.specs import RecordSpec
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore
from meterd.views import Saved

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.process)]
"""Where a store may be."""
NOON_MS = 1_767_268_800_000  # 2026-01-01T12:00:00Z
STEP_MS = 300_000

WATER = RecordSpec(
    "Conveyor water", "water_1", "volume", "m3", "EUR", Decimal("0.38"), "water", "conveyor-1",
    "line-1", "Water usage on conveyor line 1", prune_after_ms=86_400_000, notes="by hand",
    spares=("a", None, "c"),
)  # fmt: skip


def interval(slot: int = 0, amount: int = 0, meter: str = "main", **rest: Any) -> Interval:
    """A measured interval of energy; slot 0 begins at noon."""
    start_ms = NOON_MS + slot * STEP_MS
    names = {"quantity": "energy_import", "method": "measured", "phase": "", **rest}
    return Interval(
        meter=meter, start_ms=start_ms, end_ms=start_ms + STEP_MS, amount=amount, **names
    )


def sample(of: Interval, *, bill: str = "tenant-a", discarded: bool = False) -> Sample:
    """An interval as a bill saw it."""
    return Sample(bill, "energy", NOON_MS, of, discarded)


def event(number: int = 0, **rest: Any) -> Event:
    """Something that happened `number` minutes after noon."""
    at_ms = NOON_MS + number * 60_000
    fields = {"kind": "rollover", "meter": "main", "numbers": {"n": number}, **rest}
    return Event(ulid(at_ms, number), at_ms, **fields)


def record(run: int = 1, **rest: Any) -> RecordRow:
    """A record that began `run` minutes after noon and runs."""
    start_ms = NOON_MS + run * 60_000
    fields = {
        "id": ulid(start_ms, run), "configuration": WATER.name, "run": run, "status": "RUNNING",
        "start_ms": start_ms, "end_ms": None, "usage": 0, "cost": "0", "created_ms": start_ms,
        "modified_ms": None, "modified_by": None, "location": "line-1", **rest,
    }  # fmt: skip
    fields.setdefault("as_of_ms", fields["start_ms"] if fields["end_ms"] is None else None)
    return RecordRow(**fields)


def period(month: int = 1, bill: str = "tenant-a") -> PeriodClosed:
    """A closed period."""
    start_ms = NOON_MS + month * 30 * 86_400_000
    return PeriodClosed(bill, start_ms, start_ms + 1, start_ms + 2, b'{"used":"1"}', "new", "old")


def adjusted(number: int = 0, bill: str = "tenant-a") -> Adjusted:
    """Energy that came to light late."""
    at_ms = NOON_MS + number
    return Adjusted(
        ulid(at_ms, number), bill, 1, 2, at_ms, "late", "main", "measured", 5, 100, 105
    )  # fmt: skip


def kept_object(name: str = "solar", **rest: Any) -> StoredObject:
    """A meter that anna made through the API."""
    body = f'{{"name":"{name}","rated_capacity_kw":22.5}}'
    fields = {"body": body, "created_ms": NOON_MS, "created_by": "anna", **rest}
    return StoredObject(ulid(0, sum(name.encode())), "POWERMETER", name, **fields)


def token(name: str = "grafana", **rest: Any) -> StoredToken:
    """A bearer token of two scopes."""
    fields = {"scopes": ("read", "push:main"), "created_by": "anna", **rest}
    return StoredToken(name, name.encode().hex().ljust(64, "0"), created_ms=NOON_MS, **fields)


def accounts() -> tuple[StoredUser | StoredRole | StoredGrant | StoredSession, ...]:
    """A user, a role, a grant and a login."""
    made = (NOON_MS, "anna")
    return (
        StoredUser("tom", "$argon2id$", 5, ("tenants", "staff"), *made, NOON_MS + 1, "anna"),
        StoredRole("tenants", "Whoever rents", *made),
        StoredGrant("tenant-a", "role", "tenants", *made, NOON_MS + 9),
        StoredSession("0" * 64, "tom", "oidc", NOON_MS, NOON_MS, NOON_MS + 9, 3, ("staff",)),
    )


def saved(key: str, body: bytes, kind: str = "meter") -> Saved:
    """A state."""
    return Saved(kind, key, body)


def batch(*outputs: Any, **rest: Any) -> Batch:
    """A batch committed at noon."""
    return Batch(outputs, **{"now_ms": NOON_MS, **rest})


def opened(path: Path | str = ":memory:", **rest: Any) -> SqliteStore:
    """An open store that knows the water records."""
    store = SqliteStore.open(path, **{"now_ms": NOON_MS, "new_epoch": "first", **rest})
    store.register_configurations([WATER])
    return store
