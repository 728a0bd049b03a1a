"""The web server, and who may come in: `http:` of the configuration.

http:
  listen: "0.0.0.0:9850"
  url: https://meter.example
  proxy: {trusted: [127.0.0.1/32], user_header: X-Remote-User, levels: {admins: 10}}
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

import msgspec

from meterd.config.secret import Secret
from meterd.config.values import FilePath

Level = Annotated[int, msgspec.Meta(ge=1, le=10)]


class ProxyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reverse proxy. trusted: the addresses or networks it comes from; what others write in
    these headers counts for nothing.

    user_header: where it says who somebody is, None where it does not. roles_header: names of
    roles, parted by commas. level: of whom nothing else says it. levels: role or group -> level
    of whoever has it.
    """

    trusted: tuple[str, ...]
    user_header: str | None = None
    roles_header: str | None = None
    level: Level = 1
    levels: dict[str, Level] = {}


class OidcConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A provider of OpenID Connect that people log in with.

    issuer: its address, below which it describes itself. client_secret: none for a public
    client. user_claim: what somebody is called by here; whoever can choose it at the provider
    can choose who they are. roles_claim: a list of roles. level, levels: as of a proxy.
    """

    issuer: str
    client_id: str
    client_secret: Secret | None = None
    scopes: str = "openid profile email"
    user_claim: str = "preferred_username"
    roles_claim: str = "groups"
    level: Level = 1
    levels: dict[str, Level] = {}
    ca_file: FilePath | None = None


class HttpConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The web server: UI, API, /metrics, /healthz and /readyz.

    names: hosts it may be asked by, beside its own. url: how browsers reach it, where that is
    not `listen`: behind a proxy, https://meter.example. cert_file, key_file: TLS of its own.
    """

    listen: str = "127.0.0.1:9850"
    names: tuple[str, ...] = ()
    url: str | None = None
    cert_file: FilePath | None = None
    key_file: FilePath | None = None
    proxy: ProxyConfig | None = None
    oidc: OidcConfig | None = None


def listen_address(listen: str) -> tuple[str, int]:
    """("127.0.0.1", 9850) of "127.0.0.1:9850"; [::1]:9850 and :9850 too."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def is_beyond_loopback(listen: str) -> bool:
    """Whether others than this host can reach what listens there."""
    host, _port = listen_address(listen)
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
