"""Where the store is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from meterd.config.store import default_store, store_url
from meterd.config.values import WrongValueError

URLS = {
    "sqlite:///var/lib/meterd/meterd.db": "sqlite:///var/lib/meterd/meterd.db",
    "sqlite:////var/lib/meterd/meterd.db": "sqlite:///var/lib/meterd/meterd.db",
    "sqlite:/var/x.db": "sqlite:///var/x.db",
    "sqlite:x.db": "sqlite:///etc/meterd/x.db",
    "sqlite:data/x.db": "sqlite:///etc/meterd/data/x.db",
    "sqlite::memory:": "sqlite::memory:",
    "memory": "sqlite::memory:",
    ":memory:": "sqlite::memory:",
    "postgresql://meterd@db/meterd": "postgresql://meterd@db/meterd",
}


@pytest.mark.parametrize("text", URLS)
def test_the_url_of_a_store(text: str) -> None:
    url = store_url(text, Path("/etc/meterd"))
    assert url == URLS[text]
    assert store_url(url, Path("/elsewhere")) == url


@pytest.mark.parametrize(
    "text", ["", "x.db", "/var/x.db", "sqlite:", "sqlite:///", "mysql://x", "sqlite://x.db"]
)
def test_no_store(text: str) -> None:
    with pytest.raises(WrongValueError):
        store_url(text, Path("/etc"))


def test_the_default_is_the_state_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"HOME": "/home/ada", "STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}
    assert default_store(environ) == "sqlite:///var/lib/a/meterd.db"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_store({"HOME": "/root"}) == "sqlite:///var/lib/meterd/meterd.db"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_store({"HOME": "/home/ada"}) == (
        "sqlite:///home/ada/.local/state/meterd/meterd.db"
    )
    assert default_store({"HOME": "/home/ada", "XDG_STATE_HOME": "/s"}) == (
        "sqlite:///s/meterd/meterd.db"
    )
