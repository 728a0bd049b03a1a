"""A bearer token as the operator sees it; never the token, and never what is kept of it."""

from __future__ import annotations

from typing import Any

from meterd.metering.calendar import iso
from meterd.orders import StoredToken


def token(row: StoredToken, now_ms: int) -> dict[str, Any]:
    """A token. expired: whether it is good for nothing any more at now_ms."""
    return {
        "name": row.name,
        "scopes": list(row.scopes),
        "created": iso(row.created_ms),
        "created_by": row.created_by,
        "expires": None if row.expires_ms is None else iso(row.expires_ms),
        "expired": row.expires_ms is not None and row.expires_ms <= now_ms,
        "last_used": None if row.used_ms is None else iso(row.used_ms),
    }
