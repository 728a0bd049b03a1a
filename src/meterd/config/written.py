"""A configuration file as it may be shown: every value with its line, and no secret.

A secret that stands in the file is shown as stars, a reference as it is written. Comments
are not shown, since they may hold an old one; nor is any value of a file that is refused,
since of such a file it is not known which values are secrets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from meterd.config import yaml
from meterd.config.findings import Finding, dotted
from meterd.config.findings import Path as KeyPath
from meterd.config.load import Examined, examined
from meterd.config.models import Config
from meterd.config.secret import SecretUrl

STARS = "***"


class Line(msgspec.Struct, frozen=True):
    """One value. key: its path, joined by dots. line: from 1."""

    line: int
    key: str
    value: str


class Written(msgspec.Struct, frozen=True):
    """A file. lines: () if it is refused. in_force: it says what the daemon goes by."""

    path: Path
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    in_force: bool


def written(path: Path, environ: Mapping[str, str], in_force: Config) -> Written:
    """The file at `path` as it is now. in_force: what the daemon goes by."""
    try:
        data = path.read_bytes()
    except OSError as error:
        missing = Finding("", 1, 1, f"cannot read the file: {error.strerror}", "Check the path.")
        return Written(path, (), (missing,), False)
    return shown(examined(data, path, environ), in_force)


def shown(found: Examined, in_force: Config) -> Written:
    """A file that has been read."""
    loaded = found.loaded
    root = found.root if loaded.config is not None else None
    lines = () if root is None else tuple(_lines(root, (), found.secrets))
    return Written(loaded.path, lines, loaded.findings, loaded.config == in_force)


def _lines(node: yaml.Node, path: KeyPath, secrets: frozenset[KeyPath]) -> Iterator[Line]:
    """Every value in the order of the file; a list or mapping without any is a value."""
    if isinstance(node, yaml.Mapping) and node.entries:
        for key, child in node.entries.items():
            yield from _lines(child, (*path, key), secrets)
    elif isinstance(node, yaml.Sequence) and node.items:
        for index, child in enumerate(node.items):
            yield from _lines(child, (*path, index), secrets)
    else:
        yield Line(node.line, dotted(path), _text(node, secret=path in secrets))


def _text(node: yaml.Node, *, secret: bool) -> str:
    if not isinstance(node, yaml.Scalar):
        return "{}" if isinstance(node, yaml.Mapping) else "[]"
    if node.value is None or isinstance(node.value, bool):
        return {None: "null", True: "true", False: "false"}[node.value]
    text = str(node.value)
    if not secret:
        return text
    masked = SecretUrl(text).shown
    return masked if STARS in masked else STARS
