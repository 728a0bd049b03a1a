"""How to reach one MQTT broker, and as whom; what is unsafe is refused here."""

from __future__ import annotations

import ssl
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from meterd.sinks.mqtt_messages import OFFLINE, status_topic

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


class Peer(msgspec.Struct, frozen=True):
    """Whom to connect to and as whom. tls: None for a connection in the clear.

    will_retained: whether the broker keeps our last will for those who come later.
    """

    host: str
    port: int
    client_id: str
    will_topic: str
    will_payload: bytes
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    will_retained: bool = True

    def __repr__(self) -> str:
        return f"Peer({self.host}:{self.port})"


class MqttOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One broker.

    url: mqtt://[user:password@]host[:port], or mqtts:// for TLS with a verified certificate.
    name: of the sink, where there are several. client_id: "" for the fixed one,
    `meterd-<topic>-<site>`: the same after every restart, so that a new connection replaces
    a dead one, and its will, at once. ca_file: trusted instead of the system's authorities.
    cert_file, key_file: to prove who we are. allow_plaintext: send the password over mqtt://
    beyond this host all the same. discovery: where Home Assistant looks for devices, "" not to
    tell it. birth_topic: where it says that it has started.
    """

    url: str
    site: str
    topic: str = "meterd"
    name: str = "mqtt"
    username: str | None = None
    password: str | None = None
    client_id: str = ""
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    allow_plaintext: bool = False
    discovery: str = ""
    birth_topic: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError, which says what to write instead and repeats no secret."""
        parts = urlsplit(self.url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("the mqtt url names no broker: write mqtt://host or mqtts://host:port")
        username, password = self.login()
        if password is not None and username is None:
            raise ValueError("mqtt password without a `username`: MQTT 3.1.1 has no such login")
        seen = parts.scheme == "mqtt" and not _is_here(parts.hostname)
        if password is not None and seen and not self.allow_plaintext:
            raise ValueError(
                "mqtt password over mqtt:// can be read on the wire: "
                "use mqtts://, or set `allow_plaintext: true`"
            )

    def __repr__(self) -> str:
        return f"MqttOptions({self.name})"

    def login(self) -> tuple[str | None, str | None]:
        """(user name, password), from the url where they have no keys of their own."""
        parts = urlsplit(self.url)
        username = self.username or (parts.username and unquote(parts.username))
        password = self.password or (parts.password and unquote(parts.password))
        return username or None, password or None

    @property
    def root(self) -> str:
        """Where this site's topics start."""
        return f"{self.topic}/{self.site}"

    def peer(self) -> Peer:
        """The broker as the link needs it. Reads the certificate files: raises OSError."""
        parts = urlsplit(self.url)
        tls = None
        if parts.scheme == "mqtts":
            tls = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file is not None:
                tls.load_cert_chain(self.cert_file, self.key_file)
        username, password = self.login()
        return Peer(
            host=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            client_id=self.client_id or f"meterd-{self.root}".replace("/", "-"),
            will_topic=status_topic(self.root),
            will_payload=OFFLINE,
            username=username,
            password=password,
            tls=tls,
        )


def _is_here(host: str) -> bool:
    """Whether what is said to this host stays on this one."""
    return host in {"localhost", "::1"} or host.startswith("127.")
