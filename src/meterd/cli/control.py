"""Orders to a running daemon, over its control socket beside the store."""

from __future__ import annotations

import http.client
import json
import os
import socket
from pathlib import Path
from typing import Any, Final

from meterd.cli.exits import FINDING, CliError
from meterd.daemon.found import control_path

TIMEOUT_S: Final = 30


class _Connection(http.client.HTTPConnection):
    """HTTP over a unix socket, reached through its folder: a socket's path must be short."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        folder = os.open(self._path.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(TIMEOUT_S)
            self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)


def ask(store: str, method: str, target: str, body: Any = None) -> tuple[int, Any] | None:
    """(status, JSON) of a running daemon's answer; None if none runs on this store.

    body: sent as JSON, if there is one.
    """
    path = control_path(store)
    connection = _Connection(path)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, target, sent, headers={"X-Meterd-Actor": actor()})
        answer = connection.getresponse()
        received = answer.read()
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as error:
        raise CliError(f"the running daemon does not answer on {path}: {error}") from error
    finally:
        connection.close()
    try:
        return answer.status, json.loads(received) if received else None
    except ValueError:
        return answer.status, {"detail": received.decode("utf-8", "replace")}


def actor() -> str:
    """Who gives the order: the user of this shell."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or f"uid {os.getuid()}"


def expect_done(answer: tuple[int, Any]) -> Any:
    """The JSON of an order carried out; CliError with the daemon's reason otherwise."""
    status, body = answer
    if status >= 400:
        detail = body.get("detail") if isinstance(body, dict) else None
        raise CliError(detail or f"the daemon answered {status}", FINDING)
    return body
