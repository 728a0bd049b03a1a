"""`user`: made, changed, granted and removed, without a daemon and beside one."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from tests.cli.shell import Shell
from tests.cli.test_control import answering, http

from meterd.cli import passwords
from meterd.config.passwords import matches
from meterd.orders import StoredUser
from meterd.stores.queries import Reader

PASSWORD = "correct horse"


@pytest.fixture
def ready(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A bill, and a password on standard input."""
    shell.config["bills"] = [{"name": "tenant-a", "sources": [{"meter": "main"}]}]
    shell.write()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n" * 9))
    return shell


def users(shell: Shell) -> dict[str, StoredUser]:
    with Reader.open(shell.store) as reader:
        return {user.name: user for user in reader.kept(StoredUser)}


def listed(shell: Shell) -> dict[str, Any]:
    return {row["name"]: row for row in shell.rows("user", "list")}


def test_a_user_is_made_with_a_password_from_standard_input(ready: Shell) -> None:
    done = ready.on("user", "add", "tom", "--role", "tenants")
    assert (done.out, done.err) == ("tom: added\n", "")
    tom = users(ready)["tom"]
    assert (tom.level, tom.roles) == (1, ("tenants",))
    assert matches(tom.password, PASSWORD)
    row = listed(ready)["tom"]
    assert (row["level"], row["roles"], row["password"], row["last_seen"]) == (
        1, ["tenants"], True, None,
    )  # fmt: skip
    assert "argon2" not in ready.on("user", "list").out
    (event,) = ready.rows("events")
    assert (event["kind"], event["user"]) == ("user_added", "tom")


def test_a_user_goes_through_life(ready: Shell) -> None:
    ready.on("user", "add", "tom", "--level", "4")
    assert ready.on("user", "level", "tom", "5").out == "tom: level changed\n"
    ready.on("user", "role", "tom", "staff")
    ready.on("user", "role", "tom", "tenants")
    ready.on("user", "role", "tom", "staff", "--away")
    assert ready.on("user", "grant", "tom", "tenant-a").out == "tom: may see tenant-a\n"
    ready.on("user", "grant", "tenants", "tenant-a", "--role", "--expires", "90d")
    row = listed(ready)["tom"]
    assert (row["level"], row["roles"], row["grants"]) == (5, ["tenants"], ["tenant-a"])
    assert ready.on("user", "list", "--csv").csv[0]["grants"] == "tenant-a"
    ready.on("user", "revoke", "tom", "tenant-a")
    ready.on("user", "revoke", "tenants", "tenant-a", "--role")
    ready.on("user", "password", "tom", "--none")
    assert users(ready)["tom"].password == ""
    ready.on("user", "password", "tom")
    assert matches(users(ready)["tom"].password, PASSWORD)
    assert ready.rows("user", "remove", "tom") == {"removed": "tom", "daemon": False}
    assert listed(ready) == {}
    kinds = [event["kind"] for event in ready.rows("events")]
    assert kinds == [
        "user_added", "user_changed", "user_changed", "user_changed", "user_changed",
        "grant_added", "grant_added", "grant_revoked", "grant_revoked", "password_changed",
        "password_changed", "user_removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("add", "a b"), "no name of a user", 2),
        (("add", "eve", "--level", "11"), "11 is no level", 2),
        (("add", "eve", "--role", "a b"), "no name of a role", 2),
        (("add", "tom"), "there is a user 'tom' already", 1),
        (("level", "nobody", "5"), "there is no user 'nobody'", 1),
        (("role", "tom", "staff", "--away"), "has not the role", 1),
        (("grant", "tom", "tenant-b"), "there is no bill 'tenant-b'", 1),
        (("grant", "nobody", "tenant-a"), "there is no user 'nobody'", 1),
        (("grant", "tom", "tenant-a", "--expires", "soon"), "no length of time", 2),
        (("revoke", "tom", "tenant-a"), "is not granted to the user 'tom'", 1),
        (("remove", "nobody"), "there is no user 'nobody'", 1),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], said: str, code: int, ready: Shell) -> None:
    ready.on("user", "add", "tom")
    assert said in ready.on("user", *words, code=code).err
    assert listed(ready).keys() == {"tom"}


def test_there_is_nobody_before_there_is_a_store(ready: Shell) -> None:
    assert ready.rows("user", "list") == []
    assert not ready.store.exists()


@pytest.mark.parametrize("text", ["short\n", "", "x" * 257 + "\n"])
def test_a_password_has_its_bounds_and_is_not_repeated(
    text: str, ready: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    done = ready.on("user", "add", "eve", code=2)
    assert "is no password" in done.err
    assert not text.strip() or text.strip() not in done.err


class Terminal(io.StringIO):
    """Somebody sits before it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("wrong horse", 2)])
def test_who_types_a_password_types_it_twice(
    second: str, code: int, ready: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter([PASSWORD, second])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr(passwords, "getpass", lambda _prompt: next(typed))
    done = ready.on("user", "add", "tom", code=code)
    assert ("two passwords" in done.err) is (code == 2)


def test_a_running_daemon_is_asked(ready: Shell) -> None:
    ready.on("user", "add", "tom", "--role", "staff")
    for words, head, body in (
        (("add", "eve", "--level", "9"), b"POST /v1/users ",
         {"name": "eve", "password": PASSWORD, "level": 9, "roles": []}),
        (("role", "tom", "tenants"), b"PATCH /v1/users/tom ", {"roles": ["staff", "tenants"]}),
        (("grant", "tom", "tenant-a"), b"POST /v1/bills/tenant-a/grants ",
         {"user": "tom", "expires": None}),
    ):  # fmt: skip
        with answering(ready.store, http("201 Created", "{}")) as asked:
            assert ready.rows("user", *words)["daemon"] is True
        assert asked[0].startswith(head)
        assert json.loads(asked[0].partition(b"\r\n\r\n")[2]) == body
        (ready.folder / "meterd.db.sock").unlink()
    with answering(ready.store, http("204 No Content", "")) as asked:
        ready.on("user", "revoke", "tenants", "tenant-a", "--role")
    assert asked[0].startswith(b"DELETE /v1/bills/tenant-a/grants/role/tenants ")
