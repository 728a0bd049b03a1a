"""A whole file: the published example, files that cannot be read, a large one, bad luck."""

from __future__ import annotations

import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from tests.config.written import EMPTY, HALL, SITE, found, loaded, sound

from meterd.config import yaml
from meterd.config.compile import site_spec
from meterd.config.links import modbus_links
from meterd.config.load import load

CONTRACT = Path(__file__).with_name("contract.yaml")
OTHERS = """meters:
  - {name: water_1, connection: clip, points: {volume: {max_per_hour: 10}}}
  - {name: press_4, connection: api, points: {batch_id: {}}}
  - {name: rack-12, connection: pdus, address: a, points: {energy_import: {oid: 1.3.6.1.4.1.1}}}
  - {name: rack-13, connection: api, points: {active_power: {}}}
  - {name: rack-14, connection: api, points: {voltage: {}, current: {}}}
"""


def example(folder: Path) -> str:
    """The published example, its files in the folder and the meters it speaks of listed."""
    (folder / "tariffs").mkdir()
    (folder / "tariffs" / "utility.json").write_text('{"fixedchargefirstmeter": 5}', "utf-8")
    (folder / "prices.csv").write_text("time,rate\n2026-01-01T00:00:00Z,-0.01\n", "utf-8")
    (folder / "a").write_text("x\n", "utf-8")
    (folder / "snmp_priv").write_text("x\n", "utf-8")
    text = CONTRACT.read_text("utf-8")
    return text.replace("/run/a", str(folder / "a")).replace("meters:\n", OTHERS, 1)


def test_the_published_example_lacks_nothing(tmp_path: Path) -> None:
    lines = found(tmp_path, example(tmp_path), {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert not any(line.startswith("error") for line in lines), lines


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    gone = load(tmp_path / "gone.yaml", {})
    assert gone.config is None
    assert gone.findings[0].message == "cannot read the file: No such file or directory"
    folder = load(tmp_path, {})
    assert folder.findings[0].message == "cannot read the file: Is a directory"
    nul = load(tmp_path / "a\0b", {})
    assert nul.findings[0].message == "cannot read the file: embedded null byte"


def test_bad_syntax_and_bad_values_do_not_start_anything(tmp_path: Path) -> None:
    assert loaded(tmp_path, "site: [").config is None
    assert loaded(tmp_path, SITE + EMPTY + "sampling: 5m\nsampling: 1m\n").config is None


def test_findings_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SITE + "sampling: x\nmeters: [{name: a, parent: b}, {name: a, every: 1ms}]\nfoo: 1\n"
    lines = [finding.line for finding in loaded(tmp_path, text).findings]
    assert lines == sorted(lines)
    assert len(lines) == 5


STORES = {
    "sqlite:///var/lib/x.db": "sqlite:///var/lib/x.db",
    "sqlite:x.db": "sqlite://{folder}/x.db",
    "memory": "sqlite::memory:",
}


@pytest.mark.parametrize("store", STORES)
def test_the_store_is_settled(store: str, tmp_path: Path) -> None:
    config = sound(tmp_path, SITE + EMPTY + f"store: {store}\n")
    assert config.store is not None
    assert config.store.reveal() == STORES[store].format(folder=tmp_path)


def test_without_a_store_it_is_in_the_state_directory(tmp_path: Path) -> None:
    config = sound(tmp_path, SITE + EMPTY)
    assert config.store is not None
    assert config.store.reveal() == f"sqlite://{tmp_path}/meterd.db"


def test_a_store_may_be_at_postgresql(tmp_path: Path) -> None:
    url = "postgresql://meterd@db/meterd"
    config = sound(tmp_path, SITE + EMPTY + f"store: {url}\n")
    assert config.store is not None
    assert config.store.reveal() == url


def test_anchors_and_merges_work(tmp_path: Path) -> None:
    text = (
        SITE
        + HALL
        + """
meters:
  - &rack {name: rack-1, connection: hall, address: 1, profile: abb/b23, building: a}
  - {<<: *rack, name: rack-2, address: 2}
"""
    )
    first, second = sound(tmp_path, text).meters
    assert (second.name, second.address, second.building) == ("rack-2", 2, "a")
    assert second.points == first.points


def large(meters: int) -> str:
    """A site of many meters."""
    rows = [
        f"  - {{name: rack-{n}, connection: hall, address: {n % 247}, parent: rack-{n // 2}, "
        f"building: a, rated_capacity_kw: 22, profile: abb/b23, "
        f"points: {{energy_import: {{max_kw: {n % 9 + 1}}}}}}}\n"
        for n in range(1, meters)
    ]
    return SITE + HALL + "meters:\n  - {name: rack-0}\n" + "".join(rows)


def test_a_large_site_is_loaded_and_each_profile_read_once(tmp_path: Path) -> None:
    config = sound(tmp_path, large(2000))
    assert len(config.meters) == 2000
    assert config.meters[1].points["voltage_l1"] is config.meters[1999].points["voltage_l1"]


def test_a_large_site_of_mistakes_is_told_whole(tmp_path: Path) -> None:
    text = large(2000).replace("connection: hall", "connection: hell")
    assert len(loaded(tmp_path, text).findings) == 1999


ROUNDS = 150
WEIRD: list[Any] = [
    None, True, 0, -1, 1e9, "", "x", "0s", "${", "${env:X}", "a.b", "1e400", [], [[]], {}, [None],
    {"": None}, {"name": None}, "\u2028", "x" * 300, "400:5", "${file:/}",
]  # fmt: skip


def mutated(tree: Any, chance: random.Random) -> Any:
    """The tree with one node replaced by something weird, or one key renamed."""
    if chance.random() < 0.15 or not isinstance(tree, dict | list) or not tree:
        return deepcopy(chance.choice(WEIRD))
    if isinstance(tree, list):
        index = chance.randrange(len(tree))
        tree[index] = mutated(tree[index], chance)
        return tree
    key = chance.choice(list(tree))
    tree[key] = mutated(tree[key], chance)
    if chance.random() < 0.1:
        tree[chance.choice([*tree, "sight", "protocol", "points"])] = tree.pop(key)
    return tree


@pytest.mark.law
def test_no_file_makes_it_raise(tmp_path: Path) -> None:
    root, _findings = yaml.parse(example(tmp_path).encode())
    assert root is not None
    tree = yaml.plain(root)
    for seed in range(ROUNDS):
        chance = random.Random(seed)
        case = deepcopy(tree)
        for _ in range(chance.randrange(1, 6)):
            case = mutated(case, chance)
        config = loaded(tmp_path, as_flow(case)).config
        if config is not None:
            site_spec(config)
            modbus_links(config)


def as_flow(tree: Any) -> str:
    """A tree as YAML, on one line."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f'"{key}": {as_flow(value)}' for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(as_flow, tree)) + "]"
    if tree is None or isinstance(tree, bool):
        return {None: "null", True: "true", False: "false"}[tree]
    if isinstance(tree, str):
        return '"' + tree.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(tree)
