"""Strict, bounded YAML that knows where everything stands and repeats no value."""

from __future__ import annotations

import pytest

from meterd.config import yaml
from meterd.config.findings import render

BAD = {
    "a tab in the indentation": (
        "a:\n\tb: 1\n",
        "F:2:1: a tab stands in the indentation. Indent with spaces.",
    ),
    "a value that needs quotes": (
        "a: @x\n",
        "F:1:4: no value begins like this. Put the value in quotes.",
    ),
    "a colon in a value": (
        "a: b: c\n",
        ("F:1:5: mapping values are not allowed in this context. "
        'Put a value that holds ": " in quotes, or check the indentation.'),
    ),
    "a bracket left open": (
        "a: [1, 2\nb: 3\n",
        ("F:2:2: did not find expected ',' or ']' (while parsing a flow sequence that begins "
        "in line 1). Check the indentation, quotes and brackets here and in the line above."),
    ),
    "a quote left open": (
        "a: 'x\n",
        ("F:2:1: found unexpected end of stream (while scanning a quoted scalar that begins "
        "in line 1). Close the quote."),
    ),
    "another YAML": ("%YAML 3.0\n---\na: 1\n", ("F:1:1: found incompatible YAML document. "
                     "Drop the %YAML line.")),
    "nothing": ("# only a comment\n", "F:2:1: the file is empty. Write `site:` and `meters:`."),
    "two documents": ("a: 1\n---\nb: 2\n", ("F:2:1: a second document begins here. "
                      "Keep one per file.")),
    "a control character": ("a: \x07\n", ("F:1:4: the control character U+0007 is not allowed. "
                            "Remove it, or write it as an escape.")),
    "a key twice": ("a: 1\nb:\n  c: 1\n  c: 2\n", ("F:4:3: b.c: the key stands here twice, first "
                    "in line 3. Keep one of the two.")),
    "a key twice, quoted once": ("1: 1\n'1': 2\n", ("F:2:1: 1: the key stands here twice, first "
                                 "in line 1. Keep one of the two.")),
    "a foreign tag": ("a: !secret hunter2\n", ("F:1:4: a: this tag means nothing here. "
                      "Drop the tag, or use quotes.")),
    "a tag of another language": ("a: !!python/name:os.system x\n", ("F:1:4: a: this tag means "
                                  "nothing here. Drop the tag, or use quotes.")),
    "a tag that the value belies": ("a: !!int x\n", ("F:1:4: a: the value is no int. "
                                    "Correct it or drop the tag.")),
    "a list with the tag of a mapping": ("a: !!map [1]\n", ("F:1:4: a: this tag means nothing "
                                         "here. Drop the tag, or use quotes.")),
    "an alias of nothing": ("a: *hunter2\n", ("F:1:4: a: this alias follows no anchor of its "
                            "name. Define the anchor before, or use quotes.")),
    "an alias inside its own anchor": ("a: &x [*x]\n", ("F:1:8: a.0: this alias follows no anchor "
                                       "of its name. Define the anchor before, or use quotes.")),
    "a list as a key": ("? [a]\n: 1\n", "F:1:3: a key must be plain text. Write the key's name."),
    "a merge of a number": ("a: {<<: 1}\n", ("F:1:4: a.<<: only mappings can be merged. "
                            "Use *NAME.")),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_yaml_is_told_with_its_place_and_remedy(what: str) -> None:
    text, line = BAD[what]
    _root, findings = yaml.parse(text.encode())
    assert [render(finding, "F") for finding in findings] == [line]


def test_all_that_can_be_collected_is_told_at_once() -> None:
    _root, findings = yaml.parse(b"a: 1\na: 2\nb: !x 3\nb: 2\nc: *d\n")
    assert [finding.line for finding in findings] == [2, 3, 4, 5]


def test_what_is_not_utf8_is_told_with_its_place() -> None:
    root, findings = yaml.parse(b"a: b\nc: \xff\n")
    assert root is None
    assert [render(finding, "F") for finding in findings] == [
        "F:2:4: not UTF-8 text. Save the file as UTF-8."
    ]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    root, findings = yaml.parse(b"\xef\xbb\xbfa: 1\n")
    assert root is not None
    assert (yaml.plain(root), findings) == ({"a": 1}, [])


def test_a_file_that_is_too_large_is_not_read() -> None:
    root, findings = yaml.parse(b" " * (yaml.MAX_BYTES + 1))
    assert root is None
    assert "larger than 16 MiB" in findings[0].message


@pytest.mark.parametrize("bracket", ["[", "{a: "])
def test_depth_is_bounded(bracket: str) -> None:
    root, findings = yaml.parse((bracket * 5000).encode())
    assert root is None
    assert findings[0].message == "nested deeper than 40 levels"


def test_aliases_of_aliases_are_bounded() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    root, findings = yaml.parse("\n".join(lines).encode())
    assert root is None
    assert findings[0].message == "more than 1,000,000 values, aliases expanded"


def test_merged_mappings_give_way_to_what_stands_there() -> None:
    text = """
    one: &one {x: 1, y: 2}
    two: &two {y: 3, z: 4}
    both: {<<: [*one, *two], x: 5}
    quoted: {"<<": 6}
    """
    root, findings = yaml.parse(text.encode())
    assert root is not None
    assert findings == []
    plain = yaml.plain(root)
    assert plain["both"] == {"x": 5, "y": 2, "z": 4}
    assert plain["quoted"] == {"<<": 6}


def test_quotes_and_tags_make_text_of_a_number() -> None:
    root, findings = yaml.parse(b"a: '012'\nb: !!str 12\nc: ! 12\nd: !!int '7'\ne: !!float 1\n")
    assert root is not None
    assert findings == []
    assert yaml.plain(root) == {"a": "012", "b": "12", "c": "12", "d": 7, "e": 1}


def test_every_key_and_value_knows_its_place() -> None:
    root, _findings = yaml.parse(b"a:\n  - b: 1\n    c: [x, 'y']\n")
    assert isinstance(root, yaml.Mapping)
    items = root.entries["a"]
    assert isinstance(items, yaml.Sequence)
    first = items.items[0]
    assert isinstance(first, yaml.Mapping)
    inner = first.entries["c"]
    assert isinstance(inner, yaml.Sequence)
    assert root.keys["a"] == (1, 1)
    assert (items.line, items.column) == (2, 3)
    assert first.keys["c"] == (3, 5)
    assert [(item.line, item.column) for item in inner.items] == [(3, 9), (3, 12)]
