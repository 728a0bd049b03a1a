"""The bill of materials names all that is locked, where it comes from and who needs it."""

from __future__ import annotations

import json

from tests.house.sbom import LOCK, document
from tests.house.test_dependencies import declared, pins


def test_it_names_every_locked_package_once_with_its_hashes() -> None:
    components = document()["components"]
    assert {one["name"]: one["version"] for one in components} == pins(LOCK)
    assert len({one["bom-ref"] for one in components}) == len(components)
    assert all(one["hashes"] for one in components)
    assert sum(len(one["hashes"]) for one in components) == LOCK.read_text("utf-8").count("--hash")


def test_it_says_who_needs_what_and_nothing_is_nobodys() -> None:
    found = document()
    needs = {row["ref"]: row["dependsOn"] for row in found["dependencies"]}
    own = found["metadata"]["component"]["bom-ref"]
    names = {one["bom-ref"]: one["name"] for one in found["components"]}
    assert {names[ref] for ref in needs[own]} == {one.name for one in declared()}
    assert needs.keys() == {own, *names}
    assert {ref for needed in needs.values() for ref in needed} == names.keys()


def test_the_same_lock_gives_the_same_bytes() -> None:
    assert json.dumps(document()) == json.dumps(document())
    assert document()["bomFormat"] == "CycloneDX"
