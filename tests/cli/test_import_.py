"""`meterd import`: history beside nothing, before a meter's own readings, again and again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.shell import Shell

NEW = (
    "2025-12-31T22:00:00Z,2025-12-31T23:00:00Z,2",
    "2025-12-31T23:00:00Z,2026-01-01T00:00:00Z,3.5",
)


def file(shell: Shell, *lines: str, header: str = "start,end,kwh", name: str = "old.csv") -> Path:
    path = shell.folder / name
    path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return path


def taken(shell: Shell, path: Path, *words: str, code: int = 0) -> dict[str, object]:
    words = ("--meter", "main", "--format", "csv", str(path), "--json", *words)
    found: dict[str, object] = shell.on("import", *words, code=code).json
    return found


def test_history_stands_before_the_meters_own_and_the_books_balance(told: Shell) -> None:
    bills, lifetime = told.rows("bills"), told.rows("meters")[0]["kwhLifetime"]
    found = taken(told, file(told, *NEW))
    assert found == {
        "meter": "main", "quantity": "energy_import", "taken": 2, "skipped": 0, "refused": [],
        "amount": "5.5", "unit": "kWh",
        "start": "2025-12-31T22:00:00Z", "end": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    rows = told.rows("intervals", "--meter", "main", "--to", "2026-01-02T00:00:00Z")
    assert [(row["amount"], row["method"], row["quality"], row["event"]) for row in rows] == [
        ("2", "measured", "good", "history_imported"),
        ("3.5", "measured", "good", "history_imported"),
    ]
    audit = told.rows("audit")
    assert audit["ok"]
    assert audit["imported"] == [
        {"meter": "main", "quantity": "energy_import", "imported": "5.5", "told": "5.5",
         "difference": "0"}
    ]  # fmt: skip
    assert told.rows("meters")[0]["kwhLifetime"] == lifetime
    after = told.rows("bills")
    assert [period["used"] for bill in after for period in bill["periods"]] == [
        period["used"] for bill in bills for period in bill["periods"]
    ]


def test_the_same_file_again_changes_nothing(told: Shell) -> None:
    path = file(told, *NEW)
    taken(told, path)
    events = told.rows("events", "--kind", "history_imported")
    again = taken(told, path)
    assert (again["taken"], again["skipped"], again["amount"]) == (0, 2, "0")
    assert told.rows("events", "--kind", "history_imported") == events
    assert len(events) == 1
    assert events[0]["source"] == "old.csv"


def test_what_is_refused_is_said_by_line_and_the_rest_is_taken(told: Shell) -> None:
    overlap = "2026-01-31T23:30:00Z,2026-01-31T23:45:00Z,1"
    path = file(told, NEW[0], "soon,later,1", overlap)
    done = told.on("import", "--meter", "main", "--format", "csv", str(path), code=1)
    assert done.out == (
        "main: 1 intervals taken (2 kWh, 2025-12-31T22:00:00Z to 2025-12-31T23:00:00Z), "
        "0 there already, 2 refused\n"
    )
    assert f"{path}:3: 'soon' is no time with an offset" in done.err
    assert f"{path}:4: ends after 2026-01-31T23:40:00Z, and the meter has counted" in done.err


def test_a_list_of_what_is_refused_has_an_end(told: Shell) -> None:
    path = file(told, *["x,y,1"] * 30)
    done = told.on("import", "--meter", "main", "--format", "csv", str(path), code=1)
    assert done.out == "main: 0 intervals taken (0 kWh), 0 there already, 30 refused\n"
    assert done.err.endswith("and 10 more; --json has them all\n")


def test_it_makes_a_store_where_there_is_none(shell: Shell) -> None:
    shell.write()
    assert taken(shell, file(shell, *NEW))["taken"] == 2
    assert shell.rows("audit")["ok"]
    assert len(shell.rows("intervals", "--meter", "main")) == 2


def test_rows_without_an_end_are_of_the_length_that_is_said(shell: Shell) -> None:
    shell.write()
    path = file(shell, "2025-12-31T22:00:00Z,1", header="time,kwh")
    assert taken(shell, path, "--minutes", "30")["end"] == "2025-12-31T22:30:00Z"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--meter", "mian"), "did you mean 'main'?"),
        (("--meter", "main", "--quantity", "volume"), "volume is no counter of main"),
        (("--meter", "main", "--format", "nem12"), "line 1 is no 100,NEM12 record"),
        (("--meter", "main", "--format", "greenbutton"), "line 1 is no XML"),
    ],
)
def test_what_cannot_be_is_wrong_usage(shell: Shell, words: tuple[str, ...], hint: str) -> None:
    shell.write()
    usual = () if "--format" in words else ("--format", "csv")
    assert hint in shell.on("import", *words, *usual, str(file(shell, *NEW)), code=2).err


def test_a_file_that_is_not_there_or_too_large_is_said(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.write()
    words = ("--meter", "main", "--format", "csv")
    assert "no.csv: No such file" in shell.on("import", *words, "no.csv", code=2).err
    path = str(file(shell, *NEW))
    monkeypatch.setattr("meterd.cli.import_.ROWS_MAX", 1)
    assert "more than 1 rows" in shell.on("import", *words, path, code=2).err
    monkeypatch.setattr("meterd.cli.import_.BYTES_MAX", 1)
    assert "import it in parts" in shell.on("import", *words, path, code=2).err


def test_a_tampered_row_is_found_by_the_audit(told: Shell) -> None:
    import apsw  # noqa: PLC0415 - only here

    taken(told, file(told, *NEW))
    with apsw.Connection(str(told.store)) as connection:
        connection.execute("UPDATE intervals SET amount = 0 WHERE event = 'history_imported'")
    done = told.on("audit", "--json", code=1)
    assert done.json["imported"][0]["difference"] == "-5.5"
