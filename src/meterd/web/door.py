"""Who a request is from: a token, a login, or a proxy that has asked and is believed.

A token comes in `Authorization: Bearer`, a login in a cookie that no script can read and no
other site's page can send, and a proxy's word in the header that the configuration names; from
any other address that header counts for nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from meterd.config.accounts import bills_granted, checked_account
from meterd.config.http import HttpConfig, ProxyConfig, listen_address
from meterd.config.logins import csrf_of, stands
from meterd.config.tokens import digest
from meterd.config.values import WrongValueError
from meterd.web.answers import WORLD
from meterd.web.bearer import caller as bearer_of
from meterd.web.bearer import holder, invalid
from meterd.web.caller import Caller
from meterd.web.failures import Failures, network_of
from meterd.web.problems import Problem
from meterd.web.world import World

log = structlog.get_logger()

LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
"""What proxies add: whoever comes with one of these is somewhere else than the peer."""
ROLES_MAX: Final = 20
LONGEST: Final = 128
"""Characters of a cookie that are looked at."""


class Door:
    """One door over TCP. hosts: names it goes by. secure: browsers come to it by TLS.

    failures: of tokens; those of passwords are the login's own.
    """

    def __init__(self, http: HttpConfig) -> None:
        self.proxy = http.proxy
        self.failures = Failures("wrong tokens from this address")
        self.url = urlsplit(http.url or "")
        self.secure = self.url.scheme == "https" or http.cert_file is not None
        self.cookie = "__Host-meterd" if self.secure else "meterd"
        host = listen_address(http.listen)[0]
        named = [host, *http.names, self.url.hostname or ""]
        self.hosts = LOCAL_HOSTS | {_written(name) for name in named if name}
        self._secret = secrets.token_hex(32)
        self._trusted = [ip_network(text) for text in (http.proxy.trusted if http.proxy else ())]

    def is_proxy(self, request: web.Request) -> bool:
        """Whether the peer is believed."""
        try:
            address = ip_address(request.remote or "")
        except ValueError:
            return False
        return any(address in network for network in self._trusted)

    def came_through(self, request: web.Request) -> bool:
        """Whether somebody else's request was passed on to us, so that the peer is not who asks."""
        return self.is_proxy(request) or any(name in request.headers for name in FORWARDED)

    def peer(self, request: web.Request) -> str:
        """Where a request comes from; what a proxy says of it counts if it is trusted."""
        told = request.headers.getall("X-Forwarded-For", []) if self.is_proxy(request) else []
        last = told[-1].rpartition(",")[2].strip()[:LONGEST] if told else ""
        return network_of(last or request.remote or "")

    async def caller(self, request: web.Request) -> Caller | None:
        """Who asks, None for nobody known. Raises Problem for a bad token."""
        headers = request.headers.getall("Authorization", [])
        if self.is_proxy(request):  # it may have used that header for its own login
            headers = [text for text in headers if text.lower().startswith("bearer")]
        if headers:
            return await self._bearer(request, headers)
        text = request.cookies.get(self.cookie, "")[:LONGEST]
        good = text and text.isascii()
        found = await self._logged_in(request.app[WORLD], text) if good else None
        return found or self._vouched(request)

    async def _bearer(self, request: web.Request, headers: list[str]) -> Caller:
        world, peer = request.app[WORLD], self.peer(request)
        now_ms = world.now_ms()
        self.failures.expect_few(peer, now_ms)
        token = holder(headers[0], world.tokens.values(), now_ms) if len(headers) == 1 else None
        if token is None:
            if self.failures.note(peer, now_ms):
                log.warning("Too many wrong tokens from one address.", peer=peer)
            raise invalid()
        await world.use(token)
        return bearer_of(token)

    async def _logged_in(self, world: World, text: str) -> Caller | None:
        session = world.accounts.sessions.get(digest(text))
        if session is None or not stands(session, world.now_ms()):
            return None
        user = world.accounts.users.get(session.user)
        if session.level is None and user is None:
            return None
        level, roles = session.level or 0, session.roles
        if user is not None:
            level, roles = max(level, user.level), (*roles, *user.roles)
        await world.use_session(session)
        return self._user(world, session.user, (level, roles), (csrf_of(text), session.sha256))

    def _vouched(self, request: web.Request) -> Caller | None:
        """Whom the proxy says it is. Raises Problem for what is no name, or two."""
        if self.proxy is None or self.proxy.user_header is None or not self.is_proxy(request):
            return None
        told = request.headers.getall(self.proxy.user_header, [])
        if not told:
            return None
        try:
            (name,) = (checked_account(text) for text in told)
        except (WrongValueError, ValueError):
            raise Problem(
                401, f"The proxy's header {self.proxy.user_header} holds no one name of a user."
            ) from None
        world = request.app[WORLD]
        if name in world.accounts.users and world.accounts.users[name].password:
            raise Problem(401, _OWN_LOGIN.format(name=name))
        roles = _roles(request.headers, self.proxy)
        level = max([self.proxy.level, *(self.proxy.levels.get(role, 0) for role in roles)])
        user = world.accounts.users.get(name)
        if user is not None:
            level, roles = max(level, user.level), (*roles, *user.roles)
        return self._user(world, name, (level, roles), (csrf_of(f"{self._secret} {name}"), ""))

    def _user(
        self, world: World, name: str, rank: tuple[int, tuple[str, ...]], login: tuple[str, str]
    ) -> Caller:
        level, roles = rank
        csrf, session = login
        bills = bills_granted(world.accounts, name, roles, world.now_ms())
        return Caller(name, level, "user", roles=roles, csrf=csrf, session=session, bills=bills)


_OWN_LOGIN: Final = (
    "The user {name} has a password here, and is not let in on another's word; "
    "`meterd user password {name} --none` on the host changes that."
)


def _roles(headers: Mapping[str, str], proxy: ProxyConfig) -> tuple[str, ...]:
    told = headers.get(proxy.roles_header, "") if proxy.roles_header else ""
    return tuple(part.strip() for part in told.split(",")[:ROLES_MAX] if part.strip())


def _written(host: str) -> str:
    """A host as a Host header has it."""
    return f"[{host}]".lower() if ":" in host else host.lower()
