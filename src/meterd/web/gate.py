"""Who may ask what. Decided before a handler runs: from who asks, and what the handler needs.

The control socket is the operator's: its file is closed to everyone else. Over TCP the host
itself may read; to change something, and from beyond the host to ask anything, takes a token or
a login of a level that is enough. A token is no cookie: no page of somebody else can send it,
so its bearer may ask by any name. A login is one, so a change must repeat a word that only our
own pages know. What a proxy has passed on is never the host's own, whatever the peer is.
Source: reference of failures J15, J19; RFC 9110 section 15.5.20 (421); RFC 6750.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from meterd.config.accounts import ADMINISTERS, ANYBODY, INSPECTS, READS
from meterd.config.logins import is_csrf
from meterd.web.bearer import insufficient, needed, scope_for
from meterd.web.caller import CALLER, SAFE, Caller, caller_of, need_of
from meterd.web.door import Door
from meterd.web.problems import Problem
from meterd.web.tags import tagged
from meterd.web.taken import FORM, form_of, take_body

PUSHED: Final = "/v1/readings"
"""Where a token with the scope push:METER may post; which meter is the handler's to look at."""
CSRF: Final = "X-Meterd-CSRF"
CSRF_FIELD: Final = "csrf"
"""Where a change repeats the word of its login: in the header, or in the field of a form."""

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^:/@\[\]]+)(?::[0-9]{1,5})?")
_ORIGIN: Final = re.compile(r"https?://(.+)")

DOOR: Final = web.AppKey[Door]("door")
"""Of TCP; not there on the control socket."""
HOST: Final = Caller("host", INSPECTS, "host")
"""Whoever sits at the host itself, without a login."""
ACTOR: Final = "X-Meterd-Actor"
_ACTOR_MAX: Final = 64
_CREDENTIALS: Final = struct.Struct("3i")

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Call(msgspec.Struct, frozen=True):
    """What is known of a request when it is decided whether it may go on.

    peer: the address of the other end, None where there is none. hosts: every Host header,
    and the host in the address if that is another. origin: the Origin header, None without
    one. exists: there is such a route and method. need: the level it takes. passed_on: by a
    proxy, so the peer is not who asks.
    """

    method: str
    path: str
    peer: str | None
    hosts: tuple[str, ...] = ()
    origin: str | None = None
    exists: bool = True
    need: float = READS
    passed_on: bool = False

    @property
    def changes(self) -> bool:
        """Whether it asks for more than to look."""
        return self.method not in SAFE


def is_loopback(peer: str | None) -> bool:
    """Whether an address is of this very host."""
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def host_name(host: str) -> str | None:
    """The name in a Host header, in lower case; None if it is none."""
    found = _HOST.fullmatch(host.lower())
    return found[1] if found else None


def refusal(call: Call, allowed: Collection[str], caller: Caller | None) -> Problem | None:
    """Why a request over TCP may not go on, or None.

    allowed: names this server goes by. caller: who asks, None for nobody known.
    """
    if call.need == ANYBODY and not call.changes:
        return None
    if caller is not None and not caller.is_user:
        may = caller.reaches(call.need) or (call.path == PUSHED and caller.pushes)
        return None if may else insufficient(scope_for(call.need))
    if call.origin is not None and not _is_ours(call, allowed, caller):
        return Problem(403, "Pages of other sites may not ask here.")
    if call.need == ANYBODY:
        return None
    if caller is not None:
        return None if caller.reaches(call.need) or not call.exists else _too_low(call, caller)
    return _of_the_host(call, allowed)


def _of_the_host(call: Call, allowed: Collection[str]) -> Problem | None:
    """The same for whoever sits at the host, or is nobody known."""
    if call.passed_on or not is_loopback(call.peer):
        return needed(scope_for(call.need))
    if len(call.hosts) != 1 or host_name(call.hosts[0]) not in allowed:
        names = ", ".join(sorted(allowed))
        return Problem(421, f"This server goes by {names}; ask for one of these names.")
    if call.exists and not HOST.reaches(call.need):
        return needed(scope_for(call.need))
    return None


def _too_low(call: Call, caller: Caller) -> Problem:
    need = int(call.need)
    detail = f"This needs a user of level {need}, and {caller.name} has level {caller.level}."
    return Problem(403, detail)


def _is_ours(call: Call, allowed: Collection[str], caller: Caller | None) -> bool:
    """Whether a page of ours asks. A login is bound to the host it was made at; a form that
    logs somebody in must come from the host that it goes to."""
    found = _ORIGIN.fullmatch(call.origin or "")
    if found is None:
        return False
    same = call.hosts == (found[1],) and (caller is not None or call.need == ANYBODY)
    return same or host_name(found[1]) in allowed


def guard(door: Door | None) -> Middleware:
    """The middleware that decides. door: None on the control socket, where all may be done."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        call = _call(request, door)
        if door is None:
            request[CALLER] = Caller(_told_actor(request), ADMINISTERS, "operator")
        else:
            known = call.need == ANYBODY and call.path in PROBES
            caller = None if known else await door.caller(request)
            problem = refusal(call, door.hosts, caller)
            if caller is not None or problem is None:
                request[CALLER] = caller or HOST
            if problem is not None:
                raise problem
        await take_body(request)
        if call.changes and caller_of(request).is_user:
            await _expect_word(request)
        return tagged(request, await handler(request))

    return guarded


PROBES: Final = frozenset({"/healthz", "/readyz"})
"""What containers and balancers ask all the time: nobody looks who they are."""


def _call(request: web.Request, door: Door | None) -> Call:
    hosts = request.headers.getall("Host", [])
    if hosts and request.host not in hosts:  # the address names a host, and another one
        hosts = [*hosts, request.host]
    exists = request.match_info.http_exception is None
    return Call(
        request.method,
        request.path,
        request.remote,
        tuple(hosts),
        request.headers.get("Origin"),
        exists,
        need_of(request.match_info.handler, request.method) if exists else READS,
        door is not None and door.came_through(request),
    )


async def _expect_word(request: web.Request) -> None:
    """Raises Problem 403 unless a change repeats the word of its login."""
    word = request.headers.get(CSRF)
    if word is None and request.content_type == FORM:
        word = str((await form_of(request)).get(CSRF_FIELD, ""))
    if not is_csrf(word or "", caller_of(request).csrf):
        raise Problem(
            403,
            f"A change by a login repeats its word in the header {CSRF}, or in the field "
            f"{CSRF_FIELD} of a form; GET /v1/session has it. Load the page again.",
        )


async def harden(_request: web.Request, response: web.StreamResponse) -> None:
    """The headers that keep browsers from doing what nobody asked for."""
    response.headers.pop("Server", None)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def actor_of(request: web.Request) -> str:
    """Who orders: whose token or login it is; on the control socket as the command says, else
    the user of its process."""
    caller = caller_of(request)
    return caller.name if caller.kind == "operator" else caller.actor


def _told_actor(request: web.Request) -> str:
    named = request.headers.get(ACTOR)
    if named is None:
        return f"uid {_uid(request)}"
    if not named.isprintable() or not 0 < len(named) <= _ACTOR_MAX:
        raise Problem(400, f"{ACTOR} must be a printable name of 1 to {_ACTOR_MAX} characters.")
    return named


def _uid(request: web.Request) -> int:
    """The user id of the process at the other end of a Unix socket, as the kernel knows it."""
    assert request.transport is not None, "a request that is being handled has a transport"
    peer: socket.socket = request.transport.get_extra_info("socket")
    packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(packed)
    return int(uid)
