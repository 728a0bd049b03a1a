"""Where the store is: the URL in the file, or the state directory.

sqlite:///var/lib/meterd/meterd.db     three slashes: the path from the root
sqlite:meterd.db                       from the configuration's folder
sqlite::memory: (or memory)            gone with the process
postgresql://user@host/db
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from meterd.config.values import WrongValueError

MEMORY: Final = "sqlite::memory:"
_FORMS: Final = "Write sqlite:///PATH, sqlite:FILE, memory or postgresql://USER@HOST/DB."


def store_url(text: str, base: Path) -> str:
    """The URL in the one form that stores are opened by: sqlite:///PATH, MEMORY or postgresql:.

    base: the folder a relative file starts from. Raises WrongValueError for anything else.
    """
    if text in {MEMORY, "memory", ":memory:"}:
        return MEMORY
    if text.startswith(("postgresql://", "postgres://")):
        return text
    scheme, colon, rest = text.partition(":")
    if scheme != "sqlite" or not colon or not rest.strip("/"):
        raise WrongValueError("is no store", _FORMS)
    if rest.startswith("//") and not rest.startswith("///"):
        raise WrongValueError(
            "has two slashes", "Write three before a path from the root, or none."
        )
    path = Path("/" + rest.lstrip("/")) if rest.startswith("/") else base.absolute() / rest
    return f"sqlite://{path}"


def default_store(environ: Mapping[str, str]) -> str:
    """The store of a configuration that names none.

    In systemd's $STATE_DIRECTORY (the first, where there are several), else /var/lib/meterd
    for root, else the user's state directory.
    """
    state = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if state:
        folder = Path(state)
    elif os.geteuid() == 0:
        folder = Path("/var/lib/meterd")
    elif environ.get("XDG_STATE_HOME"):
        folder = Path(environ["XDG_STATE_HOME"]) / "meterd"
    else:
        folder = Path(environ.get("HOME") or "~").expanduser() / ".local/state/meterd"
    return f"sqlite://{folder.absolute()}/meterd.db"
