"""Asks DemandFlow one thing and gets an answer, whatever happens: bounded in bytes and time.

The token is sent to the configured host and nowhere else: certificates are verified, no
redirect is followed, and a text that repeats it is scrubbed before anyone sees it.
Source: DemandFlow, "REST API Overview", "Getting an API Token"; RFC 9110 (Retry-After).
"""

from __future__ import annotations

import re
import ssl
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from meterd.clock import Clock

CONCURRENCY: Final = 8
"""Requests in flight over all objects: a tenant has other users."""

BODY_MAX: Final = 32 << 20
"""No answer is longer: it would be the list of some ten thousand meters."""

RETRY_AFTER_MAX_MS: Final = 3_600_000
_SAID_MAX: Final = 200
"""Characters of a server's own words that we repeat."""

_CHUNK: Final = 64 << 10
_LOCAL: Final = frozenset({"localhost", "::1"})


class DemandFlowOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One tenant.

    url: https://rest.demandflow.com. token: a Personal Access Token. sub_id: the
    subscription's id, needed to create objects. create: create those that are missing.
    min_interval_ms: between two updates of one object. dead_band: relative, 0.005 = 0.5 %.
    ca_file: trusted instead of the system's authorities. timeout_ms: of one request.
    allow_plaintext: send the token over http:// beyond this host all the same.
    """

    url: str
    token: str
    sub_id: str = ""
    create: bool = False
    min_interval_ms: int = 60_000
    dead_band: float = 0.005
    name: str = "demandflow"
    ca_file: str | None = None
    timeout_ms: int = 30_000
    allow_plaintext: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError, which says what to write instead and repeats no secret."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError(
                "the demandflow url names no server: write https://rest.demandflow.com"
            )
        here = parts.hostname in _LOCAL or parts.hostname.startswith("127.")
        if parts.scheme == "http" and not (here or self.allow_plaintext):
            raise ValueError(
                "the demandflow token over http:// can be read on the wire: "
                "use https://, or set `allow_plaintext: true`"
            )
        if not re.fullmatch(r"[!-~]+", self.token):
            raise ValueError("the demandflow token is empty, or holds blanks: copy it again")
        if self.create and not self.sub_id:
            raise ValueError("demandflow creates objects under a subscription: write its `sub_id`")
        if self.min_interval_ms < 1 or not 0 <= self.dead_band < 1:
            raise ValueError("the demandflow min_interval or dead_band is out of range")

    def __repr__(self) -> str:
        return f"DemandFlowOptions({self.name})"


class Answer(msgspec.Struct, frozen=True):
    """What came back. status: 0 if nothing did. said: why, in a few words fit to be logged.

    wait_ms: how long the server wants to be left alone (Retry-After), 0 if it does not say.
    """

    status: int
    body: bytes = b""
    said: str = ""
    wait_ms: int = 0

    @property
    def fine(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


class Client:
    """A session with one server. Used as `async with`."""

    def __init__(self, options: DemandFlowOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Client:
        """Raises OSError if the file of authorities cannot be read."""
        options = self._options
        trust = ssl.create_default_context(cafile=options.ca_file) if options.ca_file else True
        self._session = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {options.token}", "User-Agent": "meterd"},
            connector=aiohttp.TCPConnector(limit=CONCURRENCY, ssl=trust),
            timeout=aiohttp.ClientTimeout(total=options.timeout_ms / 1000),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """One request. path: encoded already. Never raises for a fault in the world."""
        assert self._session is not None
        url = self._options.url.rstrip("/") + path
        data = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, allow_redirects=False
            ) as response:
                got = await _read(response)
        except TimeoutError:
            limit_s = self._options.timeout_ms / 1000
            return Answer(0, said=f"the server does not answer within {limit_s:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Answer(0, said=self.fit(f"{type(error).__name__}: {error}"))
        if got is None:
            return Answer(0, said=f"the answer is longer than {BODY_MAX >> 20} MiB")
        said = "" if response.ok else self.fit(_words(got))
        return Answer(response.status, got, said, self._wait_ms(response))

    def _wait_ms(self, response: aiohttp.ClientResponse) -> int:
        """Retry-After: seconds, or the date at which to come again."""
        text = response.headers.get("Retry-After", "")
        if text.isascii() and text.isdecimal():
            wait_ms = int(text[:10]) * 1000
        else:
            try:
                until_ms = int(parsedate_to_datetime(text).timestamp() * 1000)
            except (ValueError, OverflowError):
                return 0
            wait_ms = until_ms - self._clock.now_ms()
        return max(0, min(wait_ms, RETRY_AFTER_MAX_MS))

    def fit(self, text: str) -> str:
        """A stranger's words without our token, without control characters, and not too many."""
        clean = text.replace(self._options.token, "***")
        return "".join(char for char in clean if char.isprintable())[:_SAID_MAX]


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """The body, unpacked; None if it is longer than any may be."""
    got = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        got += chunk
        if len(got) > BODY_MAX:
            return None
    return bytes(got)


def _words(body: bytes) -> str:
    """The `error` and `message` of an error's body; else its beginning."""
    try:
        said = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = {}
    words = [str(said[key]) for key in ("error", "message") if said.get(key)]
    return ": ".join(words) or body[:_SAID_MAX].decode("utf-8", "replace")
