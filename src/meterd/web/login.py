"""Coming in by a password, and going out again, for the API and for the pages alike.

Whoever there is and whoever there is not gets the same answer after the same time. Hashes are
made one at a time, off the event loop; how often somebody may guess has its bounds.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import msgspec
import structlog
from aiohttp import web

from meterd.config import passwords
from meterd.config.account_orders import password_changed
from meterd.config.accounts import bills_granted
from meterd.config.logins import (
    LIFE_MS,
    OWN,
    csrf_of,
    logged_in,
    logged_out,
    new_session,
    session_text,
)
from meterd.config.tokens import RANDOM_BYTES, digest
from meterd.orders import StoredSession, StoredUser
from meterd.web.answers import WORLD
from meterd.web.bearer import REALM
from meterd.web.caller import Caller, caller_of
from meterd.web.failures import NAME_FAILURES_MAX, NAME_WINDOW_MS, Failures
from meterd.web.gate import DOOR, actor_of
from meterd.web.problems import Problem

log = structlog.get_logger()

T = TypeVar("T")

WAITING_MAX: Final = 16
"""Passwords that wait to be hashed; one more is refused, and counted."""
NAME_MAX: Final = 64


class Keys:
    """All that is done with passwords, within bounds. refused: attempts that were too many.

    One thread does it: each that once held the memory of a hash keeps it.
    """

    def __init__(self) -> None:
        self.refused = 0
        self.of_peers = Failures("wrong passwords from this address")
        self.of_names = Failures("wrong passwords for this name", NAME_FAILURES_MAX, NAME_WINDOW_MS)
        self._thread = ThreadPoolExecutor(1, "passwords")
        self._waiting = 0

    async def work(self, work: Callable[[], T]) -> T:
        """Hash something, or hold it against a hash. Raises Problem 503 when too many want to."""
        if self._waiting >= WAITING_MAX:
            self.refused += 1
            detail = "Too many are logging in; try again in a moment."
            raise Problem(503, detail, {"Retry-After": "2"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1


KEYS: Final = web.AppKey[Keys]("keys")


async def log_in(request: web.Request, name: str, password: str) -> tuple[str, Caller]:
    """What the browser is given, and who it is from now on. Raises Problem 401 or 429."""
    user = await known(request, name, password)
    session, text = await begin(request, user.name, OWN)
    bills = bills_granted(request.app[WORLD].accounts, user.name, user.roles, session.created_ms)
    return text, Caller(
        user.name, user.level, "user", roles=user.roles, csrf=csrf_of(text),
        session=session.sha256, bills=bills,
    )  # fmt: skip


async def known(request: web.Request, name: str, password: str) -> StoredUser:
    """The user whose name and password these are. Raises Problem 401 or 429."""
    world, keys = request.app[WORLD], request.app[KEYS]
    now_ms, peer, tried = world.now_ms(), _peer(request), name[:NAME_MAX].casefold()
    keys.of_peers.expect_few(peer, now_ms)
    keys.of_names.expect_few(tried, now_ms)
    user = world.accounts.users.get(name)
    kept = user.password if user is not None else ""
    good = await keys.work(lambda: passwords.matches(kept, password))
    user = world.accounts.users.get(name)  # it may have been changed meanwhile
    if not good or user is None or user.password != kept:
        if keys.of_peers.note(peer, now_ms) | keys.of_names.note(tried, now_ms):
            log.warning("Too many wrong passwords.", peer=peer)
        raise Problem(401, "The name or the password is wrong.", {"WWW-Authenticate": REALM})
    if passwords.outdated(kept):
        await _hash_anew(request, user, password)
    return user


async def _hash_anew(request: web.Request, user: StoredUser, password: str) -> None:
    """Keep the same password by today's work factor."""
    world = request.app[WORLD]
    kept = await request.app[KEYS].work(lambda: passwords.hashed(password))
    by = world.now_ms(), f"user {user.name}"
    await world.administer(lambda: password_changed(world.accounts, user.name, kept, by))


async def begin(
    request: web.Request, user: str, via: str, rank: tuple[int | None, tuple[str, ...]] = (None, ())
) -> tuple[StoredSession, str]:
    """A login that stands from now on, and what the browser is given.

    rank: the level and the roles, where another says them.
    """
    world = request.app[WORLD]
    text = session_text(secrets.token_bytes(RANDOM_BYTES))
    session = new_session(digest(text), user, via, world.now_ms())
    session = msgspec.structs.replace(session, level=rank[0], roles=rank[1])
    peer = _peer(request)
    await world.administer(lambda: logged_in(world.accounts, session, peer))
    return session, text


async def log_out(request: web.Request, wanted: Callable[[StoredSession], bool]) -> int:
    """End logins of whoever asks; how many there were."""
    world, name = request.app[WORLD], caller_of(request).name
    sessions = world.accounts.sessions.values()
    found = [one for one in sessions if one.user == name and wanted(one)]
    if found:
        by = world.now_ms(), actor_of(request)
        await world.administer(lambda: logged_out(found, by))
    return len(found)


def _peer(request: web.Request) -> str:
    return request.app[DOOR].peer(request) if DOOR in request.app else ""


# -- the cookie -----------------------------------------------------------------------------


def give(request: web.Request, response: web.StreamResponse, text: str) -> None:
    """Hand a login to the browser: no script can read it, no other site's page can send it."""
    door = request.app[DOOR]
    response.set_cookie(
        door.cookie, text, max_age=LIFE_MS // 1000, path="/", httponly=True,
        secure=door.secure, samesite="Strict",
    )  # fmt: skip


def take_back(request: web.Request, response: web.StreamResponse) -> None:
    """Have the browser forget it."""
    door = request.app[DOOR]
    response.del_cookie(door.cookie, path="/", httponly=True, secure=door.secure, samesite="Strict")
