"""What is answered about users, roles and grants, as types: see `answer_types`."""

from __future__ import annotations

import msgspec

from meterd.web.answer_types import Instant, Told


class Session(Told, frozen=True, kw_only=True):
    """Who asks. bills: null for all. csrf: what a change by this login must repeat."""

    name: str
    kind: str
    level: int
    roles: list[str]
    bills: list[str] | None
    csrf: str | None


class User(Told, frozen=True, kw_only=True):
    """A user. password: whether there is one."""

    name: str
    level: int
    roles: list[str]
    grants: list[str]
    password: bool
    created: Instant
    created_by: str
    modified: Instant | None
    modified_by: str | None
    last_seen: Instant | None


class Role(Told, frozen=True, kw_only=True):
    """A role, who has it, and which bills are granted to it."""

    name: str
    description: str
    users: list[str]
    grants: list[str]
    created: Instant
    created_by: str


class Grant(Told, frozen=True, kw_only=True):
    """A bill that a user or a role may see."""

    bill: str
    user: str | msgspec.UnsetType = msgspec.UNSET
    role: str | msgspec.UnsetType = msgspec.UNSET
    created: Instant
    created_by: str
    expires: Instant | None
    expired: bool
