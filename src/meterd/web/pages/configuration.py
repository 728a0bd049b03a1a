"""The configuration file as it stands, line by line, and what `check` says of it.

Values come with their lines and without secrets (`config/written.py`). Beside the file stands
what was made through the API.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from meterd.config.accounts import INSPECTS
from meterd.config.findings import Finding
from meterd.config.written import Line
from meterd.web.pages.sheet import Seen, Sheet, page
from meterd.web.pages.tables import Table, cell
from meterd.web.pages.words import instant, number, plain
from meterd.web.problems import Problem
from meterd.web.tongues import say
from meterd.web.world import Reader

LINES_SHOWN: Final = 400
"""More make a page slow; the next page follows."""


def configuration(seen: Seen, _reader: Reader) -> Sheet:
    """The page."""
    file = seen.written()
    parts = list(dict.fromkeys(_part(line) for line in file.lines))
    part = seen.asked.get("part") or (parts[0] if parts else "")
    if part not in parts and parts:
        raise Problem(400, f"There is no part {part!r}; there is {', '.join(parts)}.")
    lines = [line for line in file.lines if _part(line) == part]
    first = _first(seen)
    rest = [line for line in lines if line.line >= first]
    following = rest[LINES_SHOWN].line if len(rest) > LINES_SHOWN else 0
    context = {
        "file": file,
        "chips": [("?" + urlencode({"part": one}), one, one == part) for one in parts],
        "part": part,
        "going_on": following and "?" + urlencode({"part": part, "line": following}),
    }
    tables = (finding_table(file.findings), line_table(rest[:LINES_SHOWN]), made_table(seen))
    return Sheet("configuration.html", "Configuration", context, tables)


def _part(line: Line) -> str:
    return line.key.partition(".")[0]


def _first(seen: Seen) -> int:
    text = seen.asked.get("line") or "1"
    if not text.isdecimal() or len(text) > 9:
        raise Problem(400, f"'line' is the number of a line, not {text!r}.")
    return int(text)


def line_table(lines: Sequence[Line]) -> Table:
    """Values by their lines."""
    rows = [(cell(line.line), cell(line.key), cell(line.value)) for line in lines]
    columns = ("Line", "Key", "Value")
    return Table("lines", "The file", columns, rows, empty="The file is refused as it stands.")


def finding_table(findings: Sequence[Finding]) -> Table:
    """What `check` says, in English like its other messages."""
    rows = [
        (
            cell(say(one.severity), exact=one.severity, state=STATES.get(one.severity, "critical")),
            cell(f"{one.file}:{one.line}" if one.file else number(one.line, 0), exact=one.line),
            cell(one.path),
            cell(one.message),
            cell(one.remedy),
        )
        for one in findings
    ]
    columns = ("Severity", "Line", "Key", "What", "Remedy")
    return Table("findings", "What check says", columns, rows, empty="Nothing is wrong with it.")


STATES: Final = {"error": "critical", "warning": "warning"}


def made_table(seen: Seen) -> Table:
    """What was made through the API and lives in the store."""
    rows = [
        (
            cell(plain(item.entity.lower())),
            cell(item.name),
            cell(say("the file has it too") if label in seen.hidden else say("in force")),
            cell(instant(item.modified_ms or item.created_ms, seen.calendar)),
            cell(item.modified_by or item.created_by),
        )
        for label, item in seen.objects.items()
    ]
    columns = ("Kind", "Name", "State", "Changed", "By")
    return Table("made", "Made through the API", columns, rows, empty="Nothing was.")


ROUTES: Final = (web.get("/configuration", page(configuration, ("part", "line"), INSPECTS)),)
