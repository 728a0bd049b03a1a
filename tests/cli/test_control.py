"""Orders to a running daemon: its answers, its silence, and its absence."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import CliError


@contextmanager
def answering(store: Path, *answers: bytes) -> Iterator[list[bytes]]:
    """A daemon that says these things, once each, to whoever asks; what it was asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{store}.sock")
        server.listen()
        server.settimeout(30)

        def serve() -> None:
            for answer in answers:
                with server.accept()[0] as client:
                    asked.append(_heard(client))
                    client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        thread.join()


def _heard(client: socket.socket) -> bytes:
    """A whole request, with its body if it has one."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while len(body) < int(length[1] if length else 0):
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_without_a_daemon_there_is_no_answer(shell: Shell) -> None:
    assert ask(str(shell.store), "GET", "/healthz") is None
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(f"{shell.store}.sock")
    assert ask(str(shell.store), "GET", "/healthz") is None, "a socket that was left behind"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (http("200 OK", '{"status":"ok"}'), (200, {"status": "ok"})),
        (http("204 No Content", ""), (204, None)),
        (http("500 Oh", "no JSON"), (500, {"detail": "no JSON"})),
    ],
)
def test_an_answer_is_a_status_and_json(
    shell: Shell, said: bytes, answer: tuple[int, object]
) -> None:
    with answering(shell.store, said) as asked:
        assert ask(str(shell.store), "POST", "/v1/reload") == answer
    assert asked[0].startswith(b"POST /v1/reload HTTP/1.1\r\n")
    assert f"X-Meterd-Actor: {actor()}".encode() in asked[0]


def test_a_daemon_that_hangs_up_does_not_answer(shell: Shell) -> None:
    with (
        answering(shell.store, b""),
        pytest.raises(CliError, match=r"does not answer on .*meterd.db.sock"),
    ):
        ask(str(shell.store), "GET", "/healthz")


def test_an_order_that_was_carried_out_is_its_json() -> None:
    assert expect_done((200, {"cut": True})) == {"cut": True}


@pytest.mark.parametrize(
    ("body", "said"),
    [({"detail": "the disk is full"}, "the disk is full"), ({}, "answered 503"), (None, "503")],
)
def test_an_order_that_was_not_says_why(body: object, said: str) -> None:
    with pytest.raises(CliError, match=said) as told:
        expect_done((503, body))
    assert told.value.code == 1


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"SUDO_USER": "ada", "USER": "root"}, "ada"),
        ({"USER": "ada"}, "ada"),
        ({}, "uid "),
    ],
)
def test_the_actor_is_the_user_of_the_shell(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], name: str
) -> None:
    for variable in ("SUDO_USER", "USER"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    assert actor().startswith(name)


def test_health_is_what_the_daemon_says(shell: Shell) -> None:
    shell.write()
    assert "no daemon runs" in shell.on("health", code=1).err
    with answering(shell.store, http("200 OK", "{}")):
        assert shell.on("health").out == "well\n"
    Path(f"{shell.store}.sock").unlink()
    sick = json.dumps({"detail": "the disk is full"})
    with answering(shell.store, http("503 No", sick)):
        assert "the disk is full" in shell.on("health", code=1).err


def test_reload_checks_first_and_then_asks_the_daemon(shell: Shell) -> None:
    shell.write()
    assert "no daemon runs on this store; `meterd run`" in shell.on("reload", code=1).err
    with answering(shell.store, http("200 OK", "{}")):
        assert shell.on("reload").out == "reloaded\n"
    shell.config["meters"][0]["every"] = "soon"
    shell.write()
    assert "meters.0.every" in shell.on("reload", code=78).err
