"""No word of this program could change a device: the numbers that write are in no reader.

That only the four reads of Modbus can be encoded is told by its own test.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.tree import modules

SNMP_SET = 0xA3
BACNET_WRITES = {
    6: "AtomicReadFile", 7: "AtomicWriteFile", 8: "AddListElement", 9: "RemoveListElement",
    10: "CreateObject", 11: "DeleteObject", 15: "WriteProperty", 16: "WritePropertyMultiple",
    17: "DeviceCommunicationControl", 20: "ReinitializeDevice",
}  # fmt: skip
"""Confirmed services that change a device (ASHRAE 135, clause 21)."""


def numbers(tree: ast.AST) -> Iterator[int]:
    """Every whole number that is written in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            yield node.value


def below(room: str) -> dict[str, ast.Module]:
    found = {name: tree for name, tree in modules().items() if name.startswith(room)}
    assert found, room
    return found


def test_no_reader_of_snmp_knows_the_number_of_a_set() -> None:
    for name, tree in below("readers/snmp").items():
        assert SNMP_SET not in numbers(tree), name


def test_the_services_of_bacnet_that_are_asked_for_only_read() -> None:
    stack = below("readers/bacnet_ip/")
    (assigned,) = [
        node
        for node in ast.walk(stack["readers/bacnet_ip/services.py"])
        if isinstance(node, ast.Assign) and "READ_PROPERTY" in ast.unparse(node.targets[0])
    ]
    services = set(numbers(assigned.value))
    assert services == {5, 12, 14}
    assert not services & BACNET_WRITES.keys()
    for name, tree in stack.items():
        words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not [word for word in words if word.startswith(("Write", "Reinitialize"))], name
