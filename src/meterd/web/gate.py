"""Who may ask what. Decided before a handler runs, from the peer's address and its token.

The control socket is the operator's: its file is closed to everyone else. Over TCP the host
itself may read; to change something, and from beyond the host to ask anything but whether the
daemon lives, takes a bearer token with the scope for it. A token is no cookie: no page of
somebody else can send it, so its bearer may ask by any name. `X-Forwarded-For` and its kin
are never looked at: anybody can write them.
Source: reference of failures J15, J19; RFC 9110 section 15.5.20 (421); RFC 6750.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from typing import Final

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from meterd.config.tokens import READ, WRITE
from meterd.web.answers import WORLD
from meterd.web.bearer import Caller, Failures, holder, insufficient, invalid, needed
from meterd.web.problems import Problem

log = structlog.get_logger()

BODY_MAX: Final = 64 * 1024
BODY_S: Final = 5
"""A body must be here within so many seconds, however slowly it drips."""

SAFE: Final = frozenset({"GET", "HEAD"})
PUBLIC: Final = frozenset({"/healthz", "/readyz"})
"""What strangers may ask: a container's or a balancer's probe has no login."""
PUSHED: Final = "/v1/readings"
"""Where a token with the scope push:METER may post; which meter is the handler's to look at."""

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^:/@\[\]]+)(?::[0-9]{1,5})?")
_ORIGIN: Final = re.compile(r"https?://(.+)")

CALLER: Final = web.RequestKey("caller", Caller)
"""Whose token a request came with; not there if it had none."""
ACTOR: Final = "X-Meterd-Actor"
_ACTOR_MAX: Final = 64
_CREDENTIALS: Final = struct.Struct("3i")

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Call(msgspec.Struct, frozen=True):
    """What is known of a request when it is decided whether it may go on.

    peer: the address of the other end, None where there is none. hosts: every Host header,
    and the host in the address if that is another. origin: the Origin header, None without
    one. exists: there is such a route and method.
    """

    method: str
    path: str
    peer: str | None
    hosts: tuple[str, ...] = ()
    origin: str | None = None
    exists: bool = True


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

    allowed: names this server goes by. caller: whose token it came with, if it had one.
    """
    if call.path in PUBLIC:
        return None
    scope = READ if call.method in SAFE else WRITE
    if caller is not None:
        may = caller.may(scope) or (call.path == PUSHED and caller.pushes)
        return None if may or (not call.exists and caller.may(READ)) else insufficient(scope)
    if not is_loopback(call.peer):
        return needed(scope)
    if len(call.hosts) != 1 or host_name(call.hosts[0]) not in allowed:
        names = ", ".join(sorted(allowed))
        return Problem(421, f"This server goes by {names}; ask for one of these names.")
    if call.origin is not None and not _is_ours(call.origin, allowed):
        return Problem(403, "Pages of other sites may not ask here.")
    return needed(scope) if call.exists and scope == WRITE else None


def _is_ours(origin: str, allowed: Collection[str]) -> bool:
    found = _ORIGIN.fullmatch(origin)
    return found is not None and host_name(found[1]) in allowed


def guard(allowed: Collection[str] | None) -> Middleware:
    """The middleware that decides. allowed: None on the control socket, where all may be done."""
    failures = Failures()

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if allowed is not None:
            caller = None if request.path in PUBLIC else await _caller(request, failures)
            problem = refusal(_call(request), allowed, caller)
            if problem is not None:
                raise problem
            if caller is not None:
                request[CALLER] = caller
        await _take_body(request)
        return await handler(request)

    return guarded


async def _caller(request: web.Request, failures: Failures) -> Caller | None:
    """Whose token a request came with, None if it has none. Raises Problem for a bad one."""
    headers = request.headers.getall("Authorization", [])
    if not headers:
        return None
    world, peer = request.app[WORLD], request.remote or ""
    now_ms = world.now_ms()
    failures.expect_few(peer, now_ms)
    token = holder(headers[0], world.tokens.values(), now_ms) if len(headers) == 1 else None
    if token is None:
        if failures.note(peer, now_ms):
            log.warning("Too many wrong tokens from one address.", peer=peer)
        raise invalid()
    await world.use(token)
    return Caller(token.name, token.scopes)


def _call(request: web.Request) -> Call:
    hosts = request.headers.getall("Host", [])
    if hosts and request.host not in hosts:  # the address names a host, and another one
        hosts = [*hosts, request.host]
    return Call(
        request.method,
        request.path,
        request.remote,
        tuple(hosts),
        request.headers.get("Origin"),
        request.match_info.http_exception is None,
    )


async def _take_body(request: web.Request) -> None:
    """Have the whole body, within its bounds, before anything is done."""
    if not request.body_exists:
        return
    try:
        async with asyncio.timeout(BODY_S):
            await request.read()
    except TimeoutError:
        detail = f"The body was not here within {BODY_S} s; send it at once."
        raise Problem(408, detail, {"Connection": "close"}) from None


async def harden(_request: web.Request, response: web.StreamResponse) -> None:
    """The headers that keep browsers from doing what nobody asked for."""
    response.headers.pop("Server", None)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def actor_of(request: web.Request) -> str:
    """Who orders: whose token it is; on the control socket as the command says, else the user
    of its process."""
    caller: Caller | None = request.get(CALLER)
    if caller is not None:
        return caller.actor
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
