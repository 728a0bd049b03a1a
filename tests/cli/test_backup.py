"""`backup`: a copy that is a store itself."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import Shell


def test_a_copy_can_be_listed_and_audited(shell: Shell, tmp_path: Path) -> None:
    shell.write()
    shell.replay("2026-01-01T00:00:00Z,main,5", "2026-01-01T01:00:00Z,main,7")
    copy = tmp_path / "copy.db"
    done = shell.on("backup", str(copy), "--json")
    assert done.json["bytes"] == copy.stat().st_size
    shell.store.unlink()
    url = f"sqlite://{copy}"
    assert shell.on("audit", "--json", "--store", url).json["ok"]
    assert "there is something already" in shell.on("backup", str(copy), "--store", url, code=1).err
    assert "is copied to" in shell.on("backup", str(tmp_path / "two.db"), "--store", url).out


def test_a_database_is_copied_by_its_own_program(shell: Shell) -> None:
    shell.config["store"] = "postgresql://meterd:secret@127.0.0.1:1/meterd"
    shell.write()
    done = shell.on("backup", str(shell.folder / "copy.db"), code=1)
    assert "postgresql://meterd@127.0.0.1:1/meterd: a database is copied by `pg_dump`" in done.err
    assert "secret" not in done.err
