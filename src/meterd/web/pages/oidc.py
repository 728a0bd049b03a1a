"""Coming in with another's word: a provider of OpenID Connect says who somebody is.

The browser goes there with a challenge and comes back with a code, which is good for nothing
without what the challenge was made from (PKCE) and the cookie of this very browser.
Source: OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import structlog
from aiohttp import web

from meterd.config.accounts import ANYBODY, checked_account
from meterd.config.http import OidcConfig
from meterd.config.logins import OIDC
from meterd.config.values import WrongValueError
from meterd.web.answers import WORLD
from meterd.web.asked import parameters
from meterd.web.caller import needs
from meterd.web.forms import local
from meterd.web.gate import DOOR
from meterd.web.id_token import UntrustedError, expect
from meterd.web.login import begin, give
from meterd.web.pages.sheet import answer
from meterd.web.pages.templating import markup
from meterd.web.problems import Problem, not_found
from meterd.web.provider import Provider, ProviderError

log = structlog.get_logger()

PATH: Final = "/login/oidc"
BACK: Final = f"{PATH}/back"
COOKIE: Final = "meterd_oidc"
PENDING_MAX: Final = 1_000
PENDING_MS: Final = 600_000
"""So many logins may be on their way, and for so long."""
ROLES_MAX: Final = 20


class Pending(msgspec.Struct, frozen=True):
    """A login on its way. nonce: stands in the token. verifier: what the challenge is of."""

    nonce: str
    verifier: str
    going_to: str
    began_ms: int


class Ways(msgspec.Struct):
    """The provider, None where there is none, and the logins on their way, by their state."""

    provider: Provider | None
    pending: dict[str, Pending] = {}


WAYS: Final = web.AppKey[Ways]("ways")


@needs(ANYBODY)
async def go(request: web.Request) -> web.Response:
    """To the provider."""
    asked = parameters(request, ("next",))
    provider, now_ms = _provider(request), request.app[WORLD].now_ms()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        ends = await provider.ends(now_ms)
    except ProviderError as error:
        raise _away(error) from error
    _remember(request, state, Pending(nonce, verifier, local(asked.get("next", ""), "/"), now_ms))
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urlencode({
        "response_type": "code", "client_id": provider.config.client_id,
        "redirect_uri": _back(request), "scope": provider.config.scopes, "state": state,
        "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    })  # fmt: skip
    joined = "&" if "?" in ends.authorization_endpoint else "?"
    address = f"{ends.authorization_endpoint}{joined}{query}"
    response = web.Response(status=303, headers={"Location": address})
    response.set_cookie(
        COOKIE, state, max_age=PENDING_MS // 1000, path=PATH, httponly=True,
        secure=request.app[DOOR].secure, samesite="Lax",
    )  # fmt: skip
    return response


@needs(ANYBODY)
async def back(request: web.Request) -> web.Response:
    """And back with a code, or with what went wrong there."""
    state, cookie = request.query.get("state", ""), request.cookies.get(COOKIE, "")
    pending = request.app[WAYS].pending.pop(state, None)
    now_ms, provider = request.app[WORLD].now_ms(), _provider(request)
    same = compare_digest(state.encode("utf-8", "replace"), cookie.encode("utf-8", "replace"))
    if pending is None or not same or not 0 <= now_ms - pending.began_ms < PENDING_MS:
        raise Problem(400, "This login was not begun here, or long ago; begin again at /login.")
    if "code" not in request.query:
        log.warning("A provider has let nobody in.", why=request.query.get("error", "")[:100])
        raise Problem(403, "The provider has not let you in; begin again at /login.")
    try:
        said = await _said(request, provider, pending)
    except ProviderError as error:
        raise _away(error) from error
    except UntrustedError as error:
        log.warning("A provider's token is not believed.", why=str(error))
        raise Problem(403, "What the provider says is not believed; the log says why.") from error
    text = await _let_in(request, provider.config, said)
    response = answer(markup("welcome.html", {"next": pending.going_to}))
    give(request, response, text)
    response.del_cookie(COOKIE, path=PATH)
    return response


async def _said(request: web.Request, provider: Provider, pending: Pending) -> dict[str, Any]:
    now_ms = request.app[WORLD].now_ms()
    code = request.query["code"]
    token = await provider.token(code, pending.verifier, _back(request), now_ms)
    said = await provider.claims(token, now_ms)
    issuer = (await provider.ends(now_ms)).issuer
    wanted = {"iss": issuer, "aud": provider.config.client_id, "nonce": pending.nonce}
    expect(said, wanted, now_ms)
    return said


async def _let_in(request: web.Request, config: OidcConfig, said: dict[str, Any]) -> str:
    """What the browser is given. Raises Problem 403 for who cannot be a user here."""
    try:
        name = checked_account(said.get(config.user_claim))
    except WrongValueError as wrong:
        detail = f"The provider's claim {config.user_claim} {wrong}; ask whoever runs this."
        raise Problem(403, detail) from None
    user = request.app[WORLD].accounts.users.get(name)
    if user is not None and user.password:
        raise Problem(
            403,
            f"The user {name} has a password here, and is not let in on another's word; "
            f"`meterd user password {name} --none` on the host changes that.",
        )
    told = said.get(config.roles_claim)
    listed = [role for role in told if isinstance(role, str)] if isinstance(told, list) else []
    roles = tuple(role for role in listed if " " not in role)[:ROLES_MAX]
    level = max([config.level, *(config.levels.get(role, 0) for role in roles)])
    _session, text = await begin(request, name, OIDC, (level, roles))
    return text


def _provider(request: web.Request) -> Provider:
    provider = request.app[WAYS].provider
    if provider is None:
        raise not_found("way to log in", "oidc", ())
    return provider


def _remember(request: web.Request, state: str, new: Pending) -> None:
    """One more on its way; what is too old goes, and the oldest where they are too many."""
    pending = request.app[WAYS].pending
    for old in [key for key, one in pending.items() if new.began_ms - one.began_ms >= PENDING_MS]:
        del pending[old]
    if len(pending) >= PENDING_MAX:
        del pending[next(iter(pending))]
    pending[state] = new


def _back(request: web.Request) -> str:
    return f"{request.app[DOOR].url.geturl().rstrip('/')}{BACK}"


def _away(error: ProviderError) -> Problem:
    log.warning("A provider of logins does not answer as it must.", why=str(error))
    return Problem(503, "The provider of logins cannot be used now; the log says why.")


ROUTES: Final = (web.get(PATH, go), web.get(BACK, back, allow_head=False))
