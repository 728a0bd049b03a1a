"""What a provider of OpenID Connect says of somebody: its token, checked before it is believed.

Only signatures that need the provider's own key are taken: never `none`, nor one that whoever
knows the client's secret could make. The only file that knows the library.
Source: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725.
"""

from __future__ import annotations

from typing import Any, Final

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
LEEWAY_S: Final = 60
"""So far the provider's clock may be from ours."""
TOKEN_MAX: Final = 16_384


class UntrustedError(Exception):
    """A token that is not believed; the message says why, for the log."""


def claims(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """What a token says, if the provider has signed it. Raises UntrustedError.

    keys: the provider's JSON Web Key Set.
    """
    from joserfc import jwt  # noqa: PLC0415 - only where the configuration has a provider
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwk import KeySet  # noqa: PLC0415 - as above

    if len(token) > TOKEN_MAX:
        raise UntrustedError("it is too long")
    try:
        found = jwt.decode(token, KeySet.import_key_set(_public(keys)), [*ALGORITHMS])
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise UntrustedError(f"its signature does not hold: {error}") from error
    return dict(found.claims)


def _public(keys: dict[str, Any]) -> Any:
    """The keys that signatures may be made with; an octet string is a secret, and is none."""
    listed = keys.get("keys")
    rows = listed if isinstance(listed, list) else []
    good = [row for row in rows if isinstance(row, dict) and row.get("kty") in {"RSA", "EC", "OKP"}]
    return {"keys": [row for row in good if row.get("use", "sig") == "sig"]}


def expect(said: dict[str, Any], wanted: dict[str, str], now_ms: int) -> None:
    """Hold what a token says against what was asked for. Raises UntrustedError.

    wanted: `iss`, `aud` (the client's id) and `nonce`.
    """
    now_s = now_ms / 1000
    audience = said.get("aud")
    parties = audience if isinstance(audience, list) else [audience]
    if said.get("iss") != wanted["iss"]:
        raise UntrustedError("it is of another issuer")
    if wanted["aud"] not in parties or said.get("azp", wanted["aud"]) != wanted["aud"]:
        raise UntrustedError("it is for another client")
    if len(parties) > 1 and "azp" not in said:
        raise UntrustedError("it is for several clients, and does not say by which")
    if said.get("nonce") != wanted["nonce"]:
        raise UntrustedError("it is of another login")
    ends, began = said.get("exp"), said.get("iat")
    if not isinstance(ends, int | float) or now_s >= ends + LEEWAY_S:
        raise UntrustedError("it has expired")
    if not isinstance(began, int | float) or began > now_s + LEEWAY_S:
        raise UntrustedError("it is from the future")
    if not isinstance(said.get("sub"), str) or not said["sub"]:
        raise UntrustedError("it is of nobody")
