"""Objects in the words of the file: labels, bodies, nodes, and whose a finding is."""

from decimal import Decimal

from meterd.config.findings import ERROR, WARNING, Finding
from meterd.config.stored import (
    BILL,
    BILL_SOURCES,
    METER,
    body_of,
    by_object,
    encoded,
    label,
    label_of,
    node,
)
from meterd.config.yaml import plain
from meterd.orders import StoredObject


def test_labels_tell_everything_apart() -> None:
    assert [label(kind, "a") for kind in (METER, BILL, BILL_SOURCES)] == [
        "a", "bill a", "sources of bill a",
    ]  # fmt: skip
    assert label_of(StoredObject("", BILL, "a", "{}", 1, "anna")) == "bill a"


def test_a_body_keeps_its_numbers_exact() -> None:
    body = {"name": "a", "allowance": Decimal("12.50"), "sources": [{"meter": "m"}]}
    assert body_of(StoredObject("", BILL, "a", encoded(body), 1, "anna")) == body


def test_what_looks_like_a_reference_is_text() -> None:
    assert plain(node({"a": ["${env:HOME}", 1]})) == {"a": ["$${env:HOME}", 1]}


def test_a_finding_is_its_objects_and_what_is_nobodys_is_everybodys() -> None:
    findings = [
        Finding("bills.1.tariff", 0, 0, "own"),
        Finding("bills.0.tariff", 0, 0, "the file's"),
        Finding("bills", 0, 0, "all"),
        Finding("bills.2.grace", 0, 0, "odd", severity=WARNING),
    ]
    found = by_object(findings, "bills", ["", "x", "y"])
    assert {name: [(f.path, f.message) for f in wrong] for name, wrong in found.items()} == {
        "x": [("tariff", "own"), ("bills.0.tariff", "the file's"), ("bills", "all")],
        "y": [("bills.0.tariff", "the file's"), ("bills", "all")],
    }
    assert all(f.severity == ERROR for wrong in found.values() for f in wrong)
