"""Exit codes (contract section 6) and the error that carries one."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
FINDING: Final = 1
USAGE: Final = 2
BUSY: Final = 75
CONFIGURATION: Final = 78


class CliError(Exception):
    """What went wrong, for a person, and the exit code for a program."""

    def __init__(self, message: str, code: int = FINDING) -> None:
        super().__init__(message)
        self.code = code
