"""EDE files as the standard has them, and as they come."""

from __future__ import annotations

import pytest

from meterd.readers.bacnet_ip.ede import EdeError, meters

HEAD = """#Engineering-Data-Exchange;;;
PROJECT_NAME;Tower;;
VERSION_OF_REFERENCEFILE;1;;
TIMESTAMP_OF_LAST_CHANGE;2026-01-31;;
AUTHOR_OF_LAST_CHANGE;me;;
VERSION_OF_LAYOUT;2.3;;
#mandatory;mandator;mandatory;mandatory;mandatory;optional;optional
"""
COLUMNS = (
    "# keyname;device obj.-instance;object-name;object-type;object-instance;description;unit-code"
)
ROWS = """E1;1234;Main Energy;23;1;the main meter;19
P1;1234;Power L1;0;3;;47
S1;1234;Schedule;17;1;;
X1;1235;;2;4;Water "cold";80
"""


def test_a_file_as_it_should_be() -> None:
    found, odd = meters(HEAD + COLUMNS + "\n" + ROWS)
    assert odd == []
    assert [(one.name, one.address) for one in found] == [
        ("device-1234", 1234), ("device-1235", 1235),
    ]  # fmt: skip
    assert [(p.quantity, p.keys["object"], p.title, p.value) for p in found[0].points] == [
        ("energy_import", "accumulator,1", "Main Energy", None),
        ("active_power_l1", "analog-input,3", "Power L1", None),
    ]
    assert [(p.quantity, p.keys["object"]) for p in found[1].points] == [
        ("volume", "analog-value,4")
    ]


def test_commas_no_head_other_spellings_and_bad_lines() -> None:
    head = "\ufeffKeyName,Device obj. instance,object type,Object Instance\n"
    text = head + "A,7,0,1\nB,7,x,1\n\n#no,7,0,2\nC,7\n"
    found, odd = meters(text)
    assert [[p.keys["object"] for p in one.points] for one in found] == [["analog-input,1"]]
    assert [line.partition(":")[0] for line in odd] == ["line 3", "line 6"]


@pytest.mark.parametrize("text", ["", "a;b;c\n1;2;3\n", "\0\0"])
def test_what_is_no_such_file(text: str) -> None:
    with pytest.raises(EdeError, match="no line names the columns"):
        meters(text)
