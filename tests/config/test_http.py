"""Where the web server listens, and whether others than this host can reach it."""

from __future__ import annotations

import pytest

from meterd.config.http import is_beyond_loopback, listen_address


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:9850", ("127.0.0.1", 9850)),
        ("[::1]:9850", ("::1", 9850)),
        (":9850", ("", 9850)),
        ("meters.example:80", ("meters.example", 80)),
    ],
)
def test_an_address_is_a_host_and_a_port(listen: str, address: tuple[str, int]) -> None:
    assert listen_address(listen) == address


@pytest.mark.parametrize(
    ("listen", "beyond"),
    [
        ("127.0.0.1:9850", False),
        ("127.8.8.8:1", False),
        ("[::1]:9850", False),
        ("localhost:9850", False),
        ("0.0.0.0:9850", True),
        ("[::]:9850", True),
        ("10.1.0.5:9850", True),
        ("meters.example:80", True),
    ],
)
def test_what_others_can_reach_is_beyond_loopback(listen: str, beyond: bool) -> None:
    assert is_beyond_loopback(listen) is beyond
