"""XML of strangers: what could grow, reach out or nest is refused with its line."""

from __future__ import annotations

import pytest

from meterd.shapes.history.rows import NoHistoryError
from meterd.shapes.history.tree import tree

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<feed>&b;</feed>"""
REACH = b'<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><f>&x;</f>'


def test_elements_have_local_names_lines_and_text() -> None:
    root = tree(b'<a:f xmlns:a="urn:x">\n<a:b c="1"> te<!-- -->xt </a:b><b/></a:f>')
    assert (root.name, root.line) == ("f", 1)
    first = root.first("b")
    assert first is not None
    assert (first.attributes, first.line) == ({"c": "1"}, 2)
    assert root.value("b") == "text"
    assert len(list(root.all("b"))) == 2
    assert root.first("b", "c") is None
    assert root.value("x", "y") is None


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (BOMB, "line 2 declares a document type"),
        (REACH, "line 1 declares a document type"),
        (b"<a>" * 100, "nested too deeply"),
        (b"<a>" + b"x" * 20_000 + b"</a>", "line 1 holds more text"),
        (b"<a>\n</b>", "line 2 is no XML"),
        (b"", "line 1 is no XML"),
        (b"start,end,kwh\n", "line 1 is no XML"),
        (b"<a>&x;</a>", "line 1 is no XML"),
    ],
)
def test_what_is_hostile_or_broken_is_refused(data: bytes, hint: str) -> None:
    with pytest.raises(NoHistoryError, match=hint):
        tree(data)
