"""Debian's snmpd as a peer: its own configuration in a folder, on a free port of loopback."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.sinks.peers import free_port
from tests.system.peers import program, until

AUTH, PRIVACY = "authentic-pass", "private-pass"
EXTEND = "1.3.6.1.4.1.8072.1.3.2.3.1.1"
"""nsExtendOutput1Line: what a program printed, by its name."""
TABLE = "1.3.6.1.4.1.9999.7"
"""What `pass` answers for."""


class Snmpd(NamedTuple):
    """A running agent. log: everything it has printed."""

    port: int
    folder: Path
    process: asyncio.subprocess.Process


class User(NamedTuple):
    """A user of version 3, with the words of snmpd and of our file."""

    name: str
    auth: str = ""
    privacy: str = ""
    auth_word: str = ""
    privacy_word: str = ""

    @property
    def level(self) -> str:
        return "priv" if self.privacy else "auth" if self.auth else "noauth"

    @property
    def line(self) -> str:
        words = [f"createUser {self.name}"]
        if self.auth:
            words.append(f'{self.auth_word} "{AUTH}"')
        if self.privacy:
            words.append(f'{self.privacy_word} "{PRIVACY}"')
        return f"{' '.join(words)}\nrouser {self.name} {self.level}"


USERS = (
    User("nobody"),
    User("md5", "md5", "", "MD5"),
    User("sha", "sha", "", "SHA"),
    User("sha224", "sha224", "", "SHA-224"),
    User("sha256", "sha256", "", "SHA-256"),
    User("sha384", "sha384", "", "SHA-384"),
    User("sha512", "sha512", "", "SHA-512"),
    User("md5des", "md5", "des", "MD5", "DES"),
    User("shaaes", "sha", "aes128", "SHA", "AES"),
    User("sha256aes", "sha256", "aes128", "SHA-256", "AES"),
    User("sha512des", "sha512", "des", "SHA-512", "DES"),
    User("sha512aes192", "sha512", "aes192", "SHA-512", "AES-192"),
    User("sha512aes256", "sha512", "aes256", "SHA-512", "AES-256"),
    User("shaaes192", "sha", "aes192", "SHA", "AES-192"),
    User("md5aes256", "md5", "aes256", "MD5", "AES-256"),
)

PASS = """#!/bin/sh
# A table of two outlets: label and energy in Wh, from a file that a test may change.
. "$(dirname "$0")/outlets.env"
base=.%(table)s
reply() { echo "$base.$1"; echo "$2"; echo "$3"; exit 0; }
case "$1" in
-g) case "$2" in
    $base.1.1) reply 1.1 string "$label_1" ;;
    $base.1.2) reply 1.2 string "$label_2" ;;
    $base.2.1) reply 2.1 counter64 "$energy_1" ;;
    $base.2.2) reply 2.2 counter64 "$energy_2" ;;
    esac ;;
-n) case "$2" in
    $base|$base.1) reply 1.1 string "$label_1" ;;
    $base.1.1) reply 1.2 string "$label_2" ;;
    $base.1.2|$base.2) reply 2.1 counter64 "$energy_1" ;;
    $base.2.1) reply 2.2 counter64 "$energy_2" ;;
    esac ;;
esac
exit 0
"""


def outlets(folder: Path, first: tuple[str, int], second: tuple[str, int]) -> None:
    """What stands in the table from now on: (label, Wh) of each row."""
    rows = [first, second]
    text = "".join(
        f"label_{n}={label}\nenergy_{n}={energy}\n" for n, (label, energy) in enumerate(rows, 1)
    )
    (folder / "outlets.env").write_text(text)


def _prepare(folder: Path, port: int, more: tuple[str, ...]) -> None:
    """Write the agent's files."""
    folder.mkdir(exist_ok=True)
    script = folder / "outlets"
    script.write_text(PASS % {"table": TABLE})
    script.chmod(0o755)
    if not (folder / "outlets.env").exists():
        outlets(folder, ("left", 1000), ("right", 2000))
    lines = (
        f"agentaddress udp:127.0.0.1:{port}",
        "rocommunity public",
        "sysName the real one",
        "extend load /bin/echo 17",
        f"pass .{TABLE} {script}",
        *(user.line for user in USERS),
        *more,
    )
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n")


@asynccontextmanager
async def snmpd(folder: Path, *more: str, port: int = 0) -> AsyncIterator[Snmpd]:
    """An agent that knows the community `public`, the users, and a table of outlets."""
    port = port or free_port(socket.SOCK_DGRAM)
    _prepare(folder, port, more)
    with (folder / "snmpd.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program("snmpd"), "-f", "-Lo", "-C", "-c", folder / "snmpd.conf", "-p", folder / "pid",
            env={**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "kept"), "MIBS": ""},
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
    try:
        await until(lambda: "NET-SNMP version" in (folder / "snmpd.log").read_text())
        yield Snmpd(port, folder, process)
    finally:
        process.terminate()
        await process.wait()
