"""Where a form leads, and what it may hold."""

from __future__ import annotations

import pytest

from meterd.web.forms import local


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/bills", "/bills"),
        ("/bills/a?view=24h&x=%2F%2F", "/bills/a?view=24h&x=%2F%2F"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\..\\evil", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/ä", "/"),
        ("//[", "/"),
        ("bills", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_led_to_another_site(address: str, leads_to: str) -> None:
    assert local(address, "/") == leads_to
