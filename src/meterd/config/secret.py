"""Secrets, and the references by which a file can name them without holding them.

    password: "${env:MQTT_PASSWORD}"     an environment variable
    password: "${file:/run/secrets/a}"   a file, relative to the configuration's folder;
                                         one newline at its end is dropped
    password: "${cred:mqtt}"             a systemd credential

`$${` stands for `${`. A reference is resolved once, after parsing; what it yields is text
and is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

MAX_SECRET_BYTES: Final = 64 << 10
_REFERENCE: Final = re.compile(r"\$(\$\{)|\$\{([^}]*)\}?")
_PASSWORD: Final = re.compile(r"(://[^:/@]*:).*(?=@)|([?&]password=)[^&]*")
_KINDS: Final = "Write ${env:NAME}, ${file:PATH} or ${cred:NAME}; a plain ${ is written $${."


class Secret:
    """A text that does not print. `reveal()` where it is used, and nowhere else.

    shown: how it may be printed: the reference as the file has it, or stars.
    """

    __slots__ = ("_value", "shown")

    def __init__(self, value: str, shown: str = "***") -> None:
        self._value = value
        self.shown = shown

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.shown})"

    def __str__(self) -> str:
        return self.shown

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


class SecretUrl(Secret):
    """A URL that may hold a password; what prints is all but that."""

    __slots__ = ()

    def __init__(self, value: str, shown: str | None = None) -> None:
        text = value if shown is None else shown
        masked = _PASSWORD.sub(lambda match: f"{match[1] or match[2]}***", text)
        super().__init__(value, masked)

    @property
    def has_password(self) -> bool:
        """Whether a password stands in it, as far as it is shown."""
        return "***" in self.shown


class UnresolvedError(Exception):
    """A reference that leads nowhere: what is wrong, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def has_reference(value: Any) -> bool:
    """Whether resolve() would change this value."""
    return isinstance(value, str) and "${" in value


def resolve(text: str, base: Path, environ: Mapping[str, str]) -> str:
    """The text with its references replaced. base: the folder that file paths start from.

    Raises UnresolvedError for a reference that names nothing; its message holds no secret.
    """

    def replacement(match: re.Match[str]) -> str:
        if match.group(1):
            return "${"
        kind, colon, name = match.group(2).partition(":")
        if not match.group().endswith("}") or not colon or not name:
            raise UnresolvedError("a reference that is not complete", _KINDS)
        if kind == "env":
            return _from_environment(name, environ)
        if kind == "file":
            return _from_file(base / name, name)
        if kind == "cred":
            return _from_credential(name, environ)
        raise UnresolvedError("there is no such kind of reference", _KINDS)

    return _REFERENCE.sub(replacement, text)


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise UnresolvedError(f"the environment variable {name} is not set", f"Set {name}.")
    return environ[name]


def _from_credential(name: str, environ: Mapping[str, str]) -> str:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    remedy = f"Add LoadCredential={name}:PATH to the systemd unit."
    if not folder:
        raise UnresolvedError(
            "$CREDENTIALS_DIRECTORY is not set, so there are no credentials", remedy
        )
    if "/" in name or name in {".", ".."}:
        raise UnresolvedError(f"{name!r} is no name of a credential", "Write its name alone.")
    return _from_file(Path(folder) / name, name)


def _from_file(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SECRET_BYTES + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise UnresolvedError(
            f"cannot read {name}: {error.strerror}", "Check the path and who may read it."
        ) from error
    except ValueError as error:  # not UTF-8, or a path no file can have
        raise UnresolvedError(f"{name} holds no UTF-8 text", "Is it the right file?") from error
    if len(data) > MAX_SECRET_BYTES:
        raise UnresolvedError(f"{name} is larger than 64 KiB", "Is it the right file?")
    return text.removesuffix("\n").removesuffix("\r")
