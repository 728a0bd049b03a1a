"""How single values are read from a YAML tree: references resolved, kinds and bounds checked.

A message repeats a value as it stands in the file, a reference unresolved; of a secret it
repeats nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any, Final

from msgspec import Meta

from meterd.config import yaml
from meterd.config.findings import Path
from meterd.config.report import Report
from meterd.config.scalars import Plain, scalar
from meterd.config.secret import Secret, SecretUrl, UnresolvedError, has_reference, resolve
from meterd.config.values import MAX_CONTENT_BYTES, READERS, WrongValueError

Read = Callable[[yaml.Node, Path, Report], Any]

BAD: Final = object()
"""What a reader returns for a value it has reported."""
MAX_SHOWN: Final = 60
"""Characters of a value that a message repeats."""


def shown(node: yaml.Node) -> str:
    """A value as a message may repeat it."""
    if isinstance(node, yaml.Scalar):
        value = node.value
        text = f'"{value}"' if isinstance(value, str) else str(value)
        if value is None or isinstance(value, bool):
            text = "nothing" if value is None else text.lower()
        return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."
    return "a list" if isinstance(node, yaml.Sequence) else "a mapping"


def misplaced(node: yaml.Node, path: Path, report: Report, wanted: str) -> object:
    """Report that something of another shape stands here."""
    message = f"{shown(node)} stands where {wanted} belongs"
    report.error(path, message, f"Write {wanted}.")
    return BAD


def single(kind: Any, note: Meta | None = None) -> Read:
    """A reader of one value. note: its kind, pattern or bounds (`values.py`)."""
    extra = (note and note.extra) or {}
    parse = READERS[extra.get("kind", kind)]

    def read_single(node: yaml.Node, path: Path, report: Report) -> Any:
        value: Any = _plain(node, path, report, text=kind is str)
        if value is BAD:
            return BAD
        try:
            value = parse(value)
            _check(value, note, extra)
            if extra.get("kind") == "content":
                return _content(report.base / value)
        except WrongValueError as wrong:
            report.error(path, f"{shown(node)} {wrong}", wrong.remedy)
            return BAD
        return str(report.base / value) if extra.get("kind") == "file" else value

    return read_single


def _content(path: FilePath) -> str:
    """The text of a file. Raises WrongValueError where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CONTENT_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise WrongValueError(reason, "Check the path, and who may read it.") from error
    except ValueError as error:  # not UTF-8, or a path no file can have
        raise WrongValueError("holds no UTF-8 text", "Is it the right file?") from error
    if len(data) > MAX_CONTENT_BYTES:
        raise WrongValueError("is larger than 32 MiB", "Is it the right file?")
    return text


def choice(choices: tuple[str, ...]) -> Read:
    """A reader of one of several words; `2` and `1.0` count as words here."""

    def read_choice(node: yaml.Node, path: Path, report: Report) -> Any:
        value = _plain(node, path, report, text=True)
        if value is BAD or (str(value) in choices and not isinstance(value, bool)):
            return value if value is BAD else str(value)
        remedy = report.guess(str(value), choices)
        report.error(path, f"{shown(node)} is not known here", remedy)
        return BAD

    return read_choice


def secret(kind: type[Secret]) -> Read:
    """A reader of a text that must never print."""

    def read_secret(node: yaml.Node, path: Path, report: Report) -> Any:
        value: Any = _plain(node, path, report, text=True)
        if value is BAD:
            return BAD
        if not isinstance(value, str):
            report.error(path, "the value is not text here", "Put it in quotes.")
            return BAD
        written = str(node.value) if isinstance(node, yaml.Scalar) else ""
        made = SecretUrl(value, written) if kind is SecretUrl else Secret(value)
        if not has_reference(written) and "***" in made.shown:
            report.literals.append(path)
        return made

    return read_secret


def _plain(node: yaml.Node, path: Path, report: Report, *, text: bool) -> Plain | object:
    """The scalar at a node, references resolved; what they yield is read anew if not text."""
    if not isinstance(node, yaml.Scalar):
        return misplaced(node, path, report, "a single value")
    if node.value is None:
        report.error(path, "the key has no value", "Write one, or drop the key.")
        return BAD
    if not has_reference(node.value):
        return node.value
    try:
        resolved = resolve(str(node.value), report.base, report.environ)
    except UnresolvedError as wrong:
        report.error(path, str(wrong), wrong.remedy)
        return BAD
    report.hide(resolved, str(node.value))
    return resolved if text else scalar(resolved)


def _check(value: Any, note: Meta | None, extra: dict[str, Any]) -> None:
    """Raise WrongValueError for a value of the right kind that is not allowed here."""
    if note is None:
        return
    if isinstance(value, str):
        if note.pattern is not None and not re.search(note.pattern, value):
            raise WrongValueError("is not written as it must be", str(extra["remedy"]))
    elif must := _outside(value, {"ge": note.ge, "le": note.le, **extra}):
        raise WrongValueError("is out of range", f"It must be {must}.")


def _outside(value: Decimal | int, bounds: dict[str, Any]) -> str:
    """How a number must be, "" if it is."""
    gt, ge, le = bounds.get("gt"), bounds.get("ge"), bounds.get("le")
    if (gt is None or value > gt) and (ge is None or value >= ge) and (le is None or value <= le):
        return "other than 0" if bounds.get("not") == value else ""
    low = "" if gt is None and ge is None else f"above {gt}" if ge is None else f"at least {ge}"
    return " and ".join(filter(None, (low, "" if le is None else f"at most {le}")))
