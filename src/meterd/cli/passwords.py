"""A password from whoever types it, or from a pipe; never from the command's own words."""

from __future__ import annotations

import sys
from getpass import getpass

from meterd.cli.exits import USAGE, CliError
from meterd.config.passwords import LENGTH_MAX, checked_password
from meterd.config.values import WrongValueError


def asked_password(name: str) -> str:
    """Typed twice, unseen; or one line of standard input. CliError 2 where it is none."""
    if sys.stdin.isatty():
        text = getpass(f"Password of {name}: ")
        if getpass("Once more: ") != text:
            raise CliError("these are two passwords; begin again", USAGE)
    else:
        text = sys.stdin.readline(LENGTH_MAX + 2).rstrip("\r\n")
    try:
        return checked_password(text)
    except WrongValueError as wrong:
        raise CliError(f"that {wrong}. {wrong.remedy}", USAGE) from wrong
