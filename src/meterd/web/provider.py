"""A provider of OpenID Connect: where its ends are, its keys, and a token for a code.

Everything it says is bounded in time and length, and no redirect is followed.
Source: OpenID Connect Discovery 1.0, section 4; RFC 6749 section 4.1.3; RFC 7636.
"""

from __future__ import annotations

from base64 import b64encode
from ssl import SSLContext, create_default_context
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import aiohttp
import msgspec

from meterd.config.http import OidcConfig
from meterd.web.id_token import UntrustedError, claims

TIMEOUT_S: Final = 10
ANSWER_MAX: Final = 256 * 1024
FRESH_MS: Final = 3_600_000
"""So long what it says of itself, and its keys, are kept."""
AGAIN_MS: Final = 60_000
"""A signature that does not hold makes its keys be read anew, but no more often than this."""


class ProviderError(Exception):
    """It does not answer, or not as it must."""


class Ends(msgspec.Struct, frozen=True):
    """Where to go (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Provider:
    """One provider, as the configuration has it."""

    def __init__(self, config: OidcConfig) -> None:
        self.config = config
        self._ends: tuple[int, Ends] | None = None
        self._keys: tuple[int, dict[str, Any]] | None = None

    async def ends(self, now_ms: int) -> Ends:
        """Where its ends are. Raises ProviderError."""
        if self._ends is not None and 0 <= now_ms - self._ends[0] < FRESH_MS:
            return self._ends[1]
        address = f"{self.config.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = msgspec.convert(await self._get(address), Ends)
        except msgspec.ValidationError as error:
            raise ProviderError(f"{address}: {error}") from error
        if found.issuer.rstrip("/") != self.config.issuer.rstrip("/"):
            raise ProviderError(f"{address}: it says that it is {found.issuer}")
        safe = urlsplit(self.config.issuer).scheme
        for end in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            if urlsplit(end).scheme not in {safe, "https"}:
                raise ProviderError(f"{address}: {end} is reached in the clear")
        self._ends = now_ms, found
        return found

    async def claims(self, token: str, now_ms: int) -> dict[str, Any]:
        """What a token says; its keys are read anew if they do not fit. Raises UntrustedError,
        ProviderError."""
        known = self._keys
        if known is not None and 0 <= now_ms - known[0] < FRESH_MS:
            try:
                return claims(token, known[1])
            except UntrustedError:
                if now_ms - known[0] < AGAIN_MS:
                    raise
        keys = await self._get((await self.ends(now_ms)).jwks_uri)
        self._keys = now_ms, keys
        return claims(token, keys)

    async def token(self, code: str, verifier: str, back: str, now_ms: int) -> str:
        """The token that a code is good for. back: where the code was sent."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "client_id": self.config.client_id, "code_verifier": verifier,
        }  # fmt: skip
        secret, headers = self.config.client_secret, {}
        if secret is not None:
            del form["client_id"]
            login = f"{quote_plus(self.config.client_id)}:{quote_plus(secret.reveal())}"
            headers = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}
        address = (await self.ends(now_ms)).token_endpoint
        answer = await self._ask("POST", address, headers, data=form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderError(f"{address}: there is no id_token in the answer")
        return token

    async def _get(self, address: str) -> dict[str, Any]:
        return await self._ask("GET", address, {})

    async def _ask(
        self, method: str, address: str, headers: dict[str, str], data: Any = None
    ) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.request(
                    method, address, allow_redirects=False, ssl=self._tls(), data=data,
                    headers={"Accept": "application/json", **headers},
                ) as answer,
            ):  # fmt: skip
                body = await answer.content.read(ANSWER_MAX + 1)
                while len(body) <= ANSWER_MAX and not answer.content.at_eof():
                    body += await answer.content.read(ANSWER_MAX + 1 - len(body))
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ProviderError(f"{address}: {error or type(error).__name__}") from error
        if status != 200 or len(body) > ANSWER_MAX:
            raise ProviderError(f"{address}: it answers {status} with {len(body)} bytes")
        try:
            return msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise ProviderError(f"{address}: {error}") from error

    def _tls(self) -> SSLContext | bool:
        file = self.config.ca_file
        return True if file is None else create_default_context(cafile=file)
