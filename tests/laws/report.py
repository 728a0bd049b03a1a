"""docs/reliability-report.md, written from the results of the campaigns.

make reliability-report SEEDS=200 DAYS=30 CUTS=20000 YEARS=30
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from tests.laws.results import RESULTS, newest

PAGE: Final = RESULTS.with_name("reliability-report.md")
HEAD: Final = """# What was tried, and what was lost

Written by `make reliability-report` from `reliability-results.jsonl`, one line for each campaign;
the newest of a kind counts. What holds and where it ends is in [reliability](reliability.md).

| tried | so much | lost or broken | took |
|---|---|---|---|
"""


def written(rows: list[dict[str, Any]]) -> str:
    """The page."""
    lines = [
        f"| {row['what']} | {_amounts(row['tried'])} | {_amounts(row['lost'])} "
        f"| {_span(row['seconds'])} |"
        for row in rows
    ]
    again = [
        f"- {row['what']}: `{row['command']}`, {row['date']}, {row['machine']}."
        + (f" {row['note']}" if row["note"] else "")
        for row in rows
    ]
    return HEAD + "\n".join(lines) + "\n\n## To see it again\n\n" + "\n".join(again) + "\n"


def _amounts(amounts: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in amounts.items()) or "nothing"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def main(page: Path = PAGE) -> int:
    """The command."""
    page.write_text(written(newest()))
    print(f"{page} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
