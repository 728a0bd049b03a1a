"""What is wrong, or odd, in a configuration file: one finding each, printed as one line.

    meterd.yaml:14:12: meters.0.profile: no profile "eastron/sdm63O". Did you mean "eastron/sdm630"?

`message` says what is wrong and ends without a stop; `remedy` is a whole sentence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

ERROR: Final = "error"
"""Nothing starts."""
WARNING: Final = "warning"
"""Everything starts."""

Path = tuple[str | int, ...]


class Finding(msgspec.Struct, frozen=True):
    """One finding. path: the key's path joined by dots, "" for the whole file.

    line, column: from 1. file: where it stands when that is not the file being loaded
    (a profile).
    """

    path: str
    line: int
    column: int
    message: str
    remedy: str = ""
    severity: str = ERROR
    file: str = ""


def render(finding: Finding, file: str) -> str:
    """FILE:LINE:COLUMN: key.path: what. what to do."""
    where = f"{finding.file or file}:{finding.line}:{finding.column}"
    path = f" {finding.path}:" if finding.path else ""
    return f"{where}:{path} {finding.message}. {finding.remedy}".rstrip()


def told(finding: Finding, file: str) -> str:
    """The line as a command prints it: a warning says that it is one."""
    return ("warning: " if finding.severity == WARNING else "") + render(finding, file)


def dotted(path: Path) -> str:
    """A path as it is printed."""
    return ".".join(map(str, path))


def blocking(findings: Iterable[Finding]) -> bool:
    """Whether to refuse the file."""
    return any(finding.severity == ERROR for finding in findings)
