"""A small provider of OpenID Connect that keeps to the standard, or is made to lie."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT = "meterd"
SECRET = "between us"


@cache
def key(name: str) -> RSAKey:
    """A key pair of the provider's, or of somebody else's under the same id."""
    assert name
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


class Idp:
    """The provider. changes: claims that are other than they should be. signed_by: whose key.

    hmac: the token is signed by the client's secret, which is no proof. keys: what its key set
    holds. asked: the forms that came for a token.
    """

    def __init__(self, now_s: int) -> None:
        self.issuer = ""
        self.now_s = now_s
        self.claims: dict[str, Any] = {"preferred_username": "tom"}
        self.changes: dict[str, Any] = {}
        self.signed_by = "its own"
        self.hmac = False
        self.status = 200
        self.asked: list[dict[str, str]] = []
        self.logins: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def consent(self, address: str) -> tuple[str, str]:
        """Somebody agrees: (code, state) of the address that they were sent to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return code, query["state"]

    async def describe(self, _request: web.Request) -> web.Response:
        ends = {"authorization_endpoint": "/go", "token_endpoint": "/token", "jwks_uri": "/keys"}
        found = {name: self.issuer + path for name, path in ends.items()}
        return web.json_response({"issuer": self.issuer, **found})

    async def keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [key("its own").as_dict(private=False)]})

    async def token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        self.logins.append(request.headers.get("Authorization", ""))
        query = self._codes.pop(form["code"], None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if query is None or proof != query["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if query["redirect_uri"] != form["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        said = {
            "iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": self.now_s,
            "exp": self.now_s + 300, "nonce": query["nonce"], **self.claims, **self.changes,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        if self.hmac:
            signed = jwt.encode({"alg": "HS256"}, said, OctKey.import_key(SECRET * 4))
        else:
            signed = jwt.encode({"alg": "RS256", "kid": "first"}, said, key(self.signed_by))
        return web.json_response({"id_token": signed}, status=self.status)


@asynccontextmanager
async def provider(now_s: int) -> AsyncIterator[Idp]:
    """It, on a free port of loopback."""
    idp = Idp(now_s)
    app = web.Application()
    app.add_routes([
        web.get("/.well-known/openid-configuration", idp.describe),
        web.get("/keys", idp.keys),
        web.post("/token", idp.token),
    ])  # fmt: skip
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    idp.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield idp
    finally:
        await runner.cleanup()
