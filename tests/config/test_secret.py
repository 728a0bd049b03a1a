"""References lead to what they name or say why not, and secrets do not print."""

from __future__ import annotations

from pathlib import Path

import pytest

from meterd.config.secret import Secret, SecretUrl, UnresolvedError, has_reference, resolve


def test_references_are_replaced_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "inner").write_text("from a file\n", "utf-8")
    (tmp_path / "dos").write_text("x\n\r\n", "utf-8")
    (tmp_path / "cred").write_text("${env:A}", "utf-8")
    environ = {"A": "1", "EMPTY": "", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    table = {
        "${env:A}": "1",
        "mqtt://u:${env:A}@h/${env:EMPTY}": "mqtt://u:1@h/",
        "${file:inner}": "from a file",
        f"${{file:{tmp_path}/inner}}": "from a file",
        "${file:dos}": "x\n",
        "${cred:cred}": "${env:A}",
        "price $5 $${env:A} {x}": "price $5 ${env:A} {x}",
    }
    assert {text: resolve(text, tmp_path, environ) for text in table} == table
    assert [has_reference(value) for value in ("${", "$x", 5, None)] == [True, False, False, False]


WRONG = {
    "${env:GONE}": ("the environment variable GONE is not set", "Set GONE."),
    "${file:gone}": (
        "cannot read gone: No such file or directory",
        "Check the path and who may read it.",
    ),
    "${file:binary}": ("binary holds no UTF-8 text", "Is it the right file?"),
    "${file:a\0b}": ("a\0b holds no UTF-8 text", "Is it the right file?"),
    "${file:large}": ("large is larger than 64 KiB", "Is it the right file?"),
    "${cred:x}": (
        "$CREDENTIALS_DIRECTORY is not set, so there are no credentials",
        "Add LoadCredential=x:PATH to the systemd unit.",
    ),
    "${vault:x}": ("there is no such kind of reference", ""),
    "${hunter2}": ("a reference that is not complete", ""),
    "${env:}": ("a reference that is not complete", ""),
    "${env:A": ("a reference that is not complete", ""),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_reference_that_leads_nowhere_says_why(text: str, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"x" * 65_537)
    with pytest.raises(UnresolvedError) as raised:
        resolve(text, tmp_path, {})
    message, remedy = WRONG[text]
    form = "Write ${env:NAME}, ${file:PATH} or ${cred:NAME}; a plain ${ is written $${."
    assert (str(raised.value), raised.value.remedy) == (message, remedy or form)


@pytest.mark.parametrize("name", ["../x", "..", "a/b"])
def test_a_credential_is_a_name_and_no_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnresolvedError, match="is no name of a credential"):
        resolve(f"${{cred:{name}}}", tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_a_secret_prints_as_stars_until_it_is_revealed() -> None:
    secret = Secret("hunter2")
    assert [str(secret), repr(secret), f"{secret}"] == ["***", "Secret(***)", "***"]
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2")
    assert hash(secret) == hash(Secret("hunter2"))
    assert secret not in {Secret("hunter3"), "hunter2"}


URLS = {
    "mqtt://127.0.0.1:1883": "mqtt://127.0.0.1:1883",
    "mqtt://user@host:1883": "mqtt://user@host:1883",
    "mqtt://user:hunter2@host:1883": "mqtt://user:***@host:1883",
    "mqtt://user:hun@ter/2@host:1883": "mqtt://user:***@host:1883",
    "postgresql://host/db?password=hunter2&x=1": "postgresql://host/db?password=***&x=1",
}


@pytest.mark.parametrize("url", URLS)
def test_a_url_prints_without_its_password(url: str) -> None:
    secret = SecretUrl(url)
    assert str(secret) == URLS[url]
    assert secret.reveal() == url
    assert secret.has_password == ("***" in URLS[url])


def test_a_resolved_url_prints_as_it_was_written() -> None:
    secret = SecretUrl("mqtt://broker:1", "mqtt://${env:BROKER}:1")
    assert str(secret) == "mqtt://${env:BROKER}:1"
