"""`export`: the meters made through the API, as YAML that means the same when it is pasted."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.shell import Shell

from meterd.cli.export import yaml_of
from meterd.config import yaml as strict
from meterd.config.field_values import plain_text
from meterd.config.load import load
from meterd.config.objects import with_objects
from meterd.config.stored import encoded
from meterd.config.values import WrongValueError
from meterd.orders import StoredObject
from meterd.stores import Batch
from meterd.stores.sqlite import SqliteStore

BODY: dict[str, Any] = {
    "name": "solar",
    "meter_name": "no",
    "status": "active",
    "serial_number": "0815",
    "model": "1e3",
    "notes": 'two\nlines, a "quote", a # and ${env:HOME}',
    "rated_capacity_kw": Decimal("22.50"),
    "connection": "hall",
    "address": 7,
    "every": "5s",
    "points": {"energy_import": {"table": "holding", "address": 0, "type": "uint32",
                                 "unit": "kWh", "scale": Decimal("0.010"),
                                 "modulus": Decimal("42949672.961234567890123")}},
    "custom": {"tenant": "12", "tier": Decimal(3)},
}  # fmt: skip
DEFINED = {"POWERMETER": {"add": {"tenant": {}, "tier": {"type": "number"}}}}


def made(**body: Any) -> StoredObject:
    name = body["name"]
    made_ms = ord(name[0])  # solar before wind
    return StoredObject(name.rjust(26, "0"), "POWERMETER", name, encoded(body), made_ms, "anna")


@pytest.fixture
def kept(shell: Shell) -> Shell:
    shell.config["definitions"] = DEFINED
    shell.write()
    store = SqliteStore.open(shell.store, now_ms=0, new_epoch="0" * 10)
    rows = [made(**BODY), made(name="wind"), made(name="main"),
            made(name="lost", connection="hell")]  # fmt: skip
    store.commit_now(Batch(rows))
    store.close()
    return shell


def test_what_is_printed_passes_check_when_it_is_pasted_and_means_the_same(kept: Shell) -> None:
    before = load(kept.file, {}).config
    assert before is not None
    done = kept.on("export")
    assert "lost, made through the API, is left out" in done.err
    pasted = done.out.split("\n", 1)[1]
    kept.file.write_text(paste(kept.config, pasted), "utf-8")
    assert "nothing wrong" in kept.on("check").out
    after = load(kept.file, {}).config
    assert after is not None
    merged = with_objects(before, [made(**BODY), made(name="wind")], kept.folder)
    assert after.meters == merged.config.meters
    assert after.meters[2].notes == BODY["notes"]


def paste(config: dict[str, Any], lines: str) -> str:
    """The file with these lines below its meters."""
    rest = {key: value for key, value in config.items() if key != "meters"}
    own = "".join(f"  - {msgspec.json.encode(meter).decode()}\n" for meter in config["meters"])
    return f"{yaml.safe_dump(rest)}meters:\n{own}{lines}"


def test_any_yaml_reads_it_alike(kept: Shell) -> None:
    rows = yaml.safe_load(kept.on("export").out)["meters"]
    assert [row["name"] for row in rows] == ["solar", "wind"]
    assert rows[0]["serial_number"] == "0815"
    assert rows[0]["notes"] == str(BODY["notes"]).replace("${", "$${")
    assert rows == [
        row | ({"notes": rows[0]["notes"]} if "notes" in row else {})
        for row in kept.rows("export")["meters"]
    ]


def test_what_the_file_has_by_now_is_not_printed_again(kept: Shell) -> None:
    kept.config["meters"] += [{"name": "solar"}, {"name": "wind"}]
    kept.write()
    assert kept.on("export").out == "meters: []\n"
    assert kept.rows("export") == {"meters": [], "bills": [], "bill_sources": []}


def test_without_a_store_there_is_nothing_to_print(shell: Shell) -> None:
    shell.write()
    assert "there is no store" in shell.on("export", code=1).err


def printable(text: str) -> bool:
    try:
        plain_text(text, multiline=True)
    except WrongValueError:
        return False
    return True


TEXTS = st.text(max_size=50).filter(printable)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False,
                                                        places=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), VALUES, max_size=4))
def test_every_value_that_can_be_kept_comes_through_the_files_own_reader(
    body: dict[str, Any],
) -> None:
    text = "\n".join(yaml_of([{"name": "x", **body}], "meters"))
    node, findings = strict.parse(text.encode())
    assert findings == []
    assert node is not None
    assert unescaped(strict.plain(node)) == {"meters": [{"name": "x", **body}]}


def unescaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: unescaped(child) for key, child in value.items()}
    if isinstance(value, list):
        return [unescaped(child) for child in value]
    return value.replace("$${", "${") if isinstance(value, str) else value


def test_the_stores_meters_are_in_every_list(kept: Shell, tmp_path: Path) -> None:
    assert [row["name"] for row in kept.rows("meters")] == ["main", "rack-12", "solar", "wind"]
    rows = {row["name"]: row for row in kept.rows("meters")}
    assert (rows["solar"]["tenant"], rows["solar"]["tier"]) == ("12", 3)
    assert {row["meter"] for row in kept.rows("plan")} == {"main", "rack-12", "solar"}
    assert kept.rows("intervals", "--meter", "solar") == []
    assert kept.rows("audit")["ok"]
    done = kept.on("read", "solar", code=1)
    assert "solar" in done.err
    assert "did you mean 'solar'" in kept.on("read", "solr", code=2).err


def test_a_store_that_cannot_be_read_hides_no_meter_of_the_file(shell: Shell) -> None:
    shell.write()
    assert {row["meter"] for row in shell.rows("plan")} == {"main", "rack-12"}, "there is none yet"
    shell.store.write_text("not a store")
    done = shell.on("plan", "--json")
    assert {row["meter"] for row in done.json} == {"main", "rack-12"}
    assert "meters made through the API are not seen" in done.err
