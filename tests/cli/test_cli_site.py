"""What every verb starts from: which file, which store, and what is wrong with them."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
from tests.cli.shell import Shell

from meterd.cli import site
from meterd.cli.exits import CliError
from meterd.cli.site import config_path, known, store_errors
from meterd.stores import StoreBusy, StoreError
from meterd.stores.sqlite import SqliteStore


def asked(config: str | None = None) -> Path:
    return config_path(Namespace(config=config))


def test_the_file_is_the_one_named_or_of_the_environment_or_in_the_usual_places(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked() == Path("meterd.yaml")
    monkeypatch.setattr(site, "PLACES", (Path("meterd.yaml"), Path("etc.yaml")))
    Path("etc.yaml").touch()
    assert asked() == Path("etc.yaml")
    shell.write()
    assert asked() == Path("meterd.yaml")
    monkeypatch.setenv("METERD_CONFIG", "other.yaml")
    assert asked() == Path("other.yaml")
    assert asked("named.yaml") == Path("named.yaml")


def test_a_wrong_file_is_told_whole_on_standard_error(shell: Shell) -> None:
    shell.config["meters"][0]["every"] = "soon"
    shell.config["meters"][1]["colour"] = "red"
    shell.write()
    done = shell.on("meters", code=78)
    assert "meters.0.every" in done.err
    assert "meters.1.colour" in done.err
    assert done.err.splitlines()[-1] == f"meterd meters: {shell.file} cannot be used; see above"
    assert done.out == ""


def test_connections_that_nobody_uses_keep_nobody_from_looking(
    told: Shell,
) -> None:
    told.config["connections"]["pdus"] = {"protocol": "snmp", "version": "2c", "community": "x"}
    told.config["connections"]["loops"] = {"protocol": "push"}
    told.write()
    assert told.rows("meters")


def test_a_store_of_the_configuration_is_beside_it_and_one_of_the_command_where_one_is(
    told: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told.config["store"] = "sqlite:meterd.db"
    told.write()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert told.rows("meters")
    assert "`meterd run` makes it" in told.on("meters", "--store", "sqlite:meterd.db", code=1).err


def test_a_store_without_a_name_is_in_the_state_directory(shell: Shell) -> None:
    del shell.config["store"]
    shell.write()
    state = shell.folder / "state"
    assert str(state / "meterd.db") in shell.on("meters", code=1).err
    SqliteStore.open(state / "meterd.db", now_ms=0, new_epoch="0" * 10).close()
    assert [meter["name"] for meter in shell.rows("meters")] == ["main", "rack-12"]


def test_a_store_in_memory_is_gone_with_its_process(shell: Shell) -> None:
    shell.config["store"] = "memory"
    shell.write()
    assert ":memory:" in shell.on("meters", code=1).err


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreBusy(4711, Path("m.db")), 75), (StoreError("m.db: it is damaged"), 1)],
)
def test_a_stores_errors_are_exit_codes(error: StoreError, code: int) -> None:
    with pytest.raises(CliError) as told, store_errors():
        raise error
    assert told.value.code == code
    assert str(told.value) == str(error)


def test_a_name_that_is_known_is_itself() -> None:
    assert known("meter", "main", {"main"}) == "main"
    with pytest.raises(CliError, match="no meter 'mian'; did you mean 'main'"):
        known("meter", "mian", {"main", "other"})
