"""What a release is made of, as a CycloneDX 1.6 document: `make sbom` prints it.

From the lock alone, so that the same lock gives the same bytes: every package with its version,
the SHA-256 of each of its files, and who needs it. Licences are those that the installed
packages declare. Source: cyclonedx.org/docs/1.6/json, the purl specification (type pypi).
"""

from __future__ import annotations

import json
import re
import uuid
from importlib import metadata
from typing import Any, Final

from tests.house.tree import PYPROJECT, ROOT

LOCK: Final = ROOT / "requirements" / "run.txt"
FORMAT: Final = "1.6"
_PACKAGE: Final = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==([^\s;]+)", re.MULTILINE)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA: Final = re.compile(r"^    #(?: via)?   ?([a-z0-9][a-z0-9.-]*)(?: \(.*\))?$", re.MULTILINE)


def document() -> dict[str, Any]:
    """The whole document."""
    project = PYPROJECT["project"]
    own = _purl(project["name"], project["version"])
    blocks = _blocks(LOCK.read_text("utf-8"))
    needs: dict[str, set[str]] = {own: set(), **{block["purl"]: set() for block in blocks}}
    refs = {block["name"]: block["purl"] for block in blocks} | {project["name"]: own}
    for block in blocks:
        for user in block.pop("via"):
            needs[refs[user]].add(block["purl"])
    text = json.dumps(blocks)
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{FORMAT}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": FORMAT,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own + text)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": own, "name": project["name"],
                "version": project["version"], "purl": own,
                "licenses": [{"license": {"id": project["license"]}}],
            },
        },
        "components": blocks,
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(needed)} for ref, needed in sorted(needs.items())
        ],
    }  # fmt: skip


def _blocks(text: str) -> list[dict[str, Any]]:
    """Every package of a lock; via: who needs it."""
    starts = [*_PACKAGE.finditer(text)]
    ends = [start.start() for start in starts[1:]] + [len(text)]
    found = []
    for start, end in zip(starts, ends, strict=True):
        name, version = start.groups()
        block = text[start.start() : end]
        purl = _purl(name, version)
        found.append(
            {
                "type": "library", "bom-ref": purl, "name": name, "version": version,
                "purl": purl, **_licence(name),
                "hashes": [{"alg": "SHA-256", "content": one} for one in _HASH.findall(block)],
                "via": _VIA.findall(block),
            }
        )  # fmt: skip
    return found


def _licence(name: str) -> dict[str, Any]:
    """What an installed package says of its licence; nothing of one that is not installed."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return {}
    if "License-Expression" in said:
        return {"licenses": [{"expression": said["License-Expression"]}]}
    classes = [line for line in said.get_all("Classifier") or () if line.startswith("License ::")]
    return {"licenses": [{"license": {"name": one.split(" :: ")[-1]}} for one in classes]}


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


if __name__ == "__main__":
    print(json.dumps(document(), indent=2))
