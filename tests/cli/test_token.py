"""`token`: printed once, kept as a SHA-256, with a daemon and without one."""

from __future__ import annotations

import re

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

from meterd.config.tokens import digest
from meterd.stores.queries import Reader


@pytest.fixture
def ready(shell: Shell) -> Shell:
    shell.write()
    return shell


def test_a_token_is_printed_once_and_kept_as_its_sha256(ready: Shell) -> None:
    done = ready.on("token", "add", "grafana")
    assert re.fullmatch(r"meterd_[A-Za-z0-9_-]{43}\n", done.out)
    assert "not shown again" in done.err
    with Reader.open(ready.store) as reader:
        (token,) = reader.tokens()
    assert (token.name, token.scopes, token.expires_ms) == ("grafana", ("read",), None)
    assert token.sha256 == digest(done.out.strip())
    listed = ready.on("token", "list")
    assert token.sha256 not in listed.out
    assert done.out.strip() not in ready.store.read_bytes().decode("latin-1")


def test_every_token_is_another(ready: Shell) -> None:
    texts = {ready.on("token", "add", f"t{n}").out for n in range(5)}
    assert len(texts) == 5


def test_its_scopes_and_its_end_are_asked_for(ready: Shell) -> None:
    words = ("--scope", "read", "--scope", "push:main", "--expires", "90d")
    row = ready.rows("token", "add", *words, "gateway")
    assert set(row) >= {"token", "name", "scopes", "created", "expires"}
    assert row["scopes"] == ["read", "push:main"]
    (listed,) = ready.rows("token", "list")
    assert {key: row[key] for key in listed} == listed
    with Reader.open(ready.store) as reader:
        (token,) = reader.tokens()
    assert token.expires_ms == token.created_ms + 90 * 86_400_000


def test_a_token_that_is_revoked_is_gone_and_its_name_is_free(ready: Shell) -> None:
    ready.on("token", "add", "a")
    assert "revoke it first" in ready.on("token", "add", "a", code=1).err
    assert ready.on("token", "revoke", "a").out == "a: revoked\n"
    assert ready.rows("token", "list") == []
    ready.on("token", "add", "a")
    assert ready.rows("token", "revoke", "a") == {"revoked": "a", "daemon": False}


def test_every_change_is_an_event_with_its_actor(
    ready: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "anna")
    ready.on("token", "add", "a", "--scope", "write")
    ready.on("token", "revoke", "a")
    rows = ready.rows("events")
    assert [(row["kind"], row["token"], row["actor"]) for row in rows] == [
        ("token_added", "a", "anna"),
        ("token_revoked", "a", "anna"),
    ]
    assert rows[0]["scopes"] == ["write"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "a b"), "no name of a token"),
        (("add", "a", "--scope", "root"), "Write read, operate, write, admin or push:METER."),
        (("add", "a", "--expires", "90"), "no length of time"),
        (("add", "a", "--expires", "0s"), "no time at all"),
    ],
)
def test_what_is_no_token_is_wrong_usage(words: tuple[str, ...], told: str, ready: Shell) -> None:
    assert told in ready.on("token", *words, code=2).err
    assert not ready.store.exists()


def test_who_is_not_there_cannot_be_revoked(ready: Shell) -> None:
    assert "there is no store" in ready.on("token", "list", code=1).err
    ready.on("token", "add", "grafana")
    assert "did you mean 'grafana'?" in ready.on("token", "revoke", "grafanna", code=2).err


def test_what_every_verb_takes_may_stand_after_the_action(ready: Shell) -> None:
    file, store = str(ready.file), f"sqlite://{ready.folder / 'other.db'}"
    ready.run("token", "add", "a", "-c", file, "--store", store)
    assert [
        row["name"]
        for row in ready.run("token", "list", "-c", file, "--store", store, "--json").json
    ] == ["a"]
    assert ready.run("token", "-c", file, "--store", store, "list", "--csv").csv[0]["name"] == "a"
    assert not ready.store.exists()


def test_an_action_is_needed(ready: Shell) -> None:
    with pytest.raises(SystemExit) as ended:
        ready.on("token")
    assert ended.value.code == 2


def test_a_running_daemon_is_told_the_sha256_and_never_the_token(ready: Shell) -> None:
    ready.on("token", "add", "other")
    with answering(ready.store, http("201 Created", "{}")) as asked:
        text = ready.on("token", "add", "a", "--scope", "write").out.strip()
    assert asked[0].startswith(b"POST /v1/tokens ")
    assert digest(text).encode() in asked[0]
    assert text.encode() not in asked[0]
    (ready.folder / "meterd.db.sock").unlink()
    with answering(ready.store, http("204 No Content", "")) as asked:
        assert ready.rows("token", "revoke", "other") == {"revoked": "other", "daemon": True}
    assert asked[0].startswith(b"DELETE /v1/tokens/other ")
