"""What takes long is not done while meters are read."""

from __future__ import annotations

import re

from tests.house.tree import SRC


def test_nothing_is_vacuumed_but_the_copy_before_a_change_of_schema() -> None:
    sources = [*SRC.rglob("*.py"), *SRC.rglob("*.sql")]
    found = {
        path.relative_to(SRC).as_posix(): re.findall(r"(?i)\b(?:auto_)?vacuum\b.*", text)
        for path in sources
        if "vacuum" in (text := path.read_text("utf-8")).lower()
    }
    assert found.keys() == {"stores/migrate.py"}
    assert all("INTO" in line for line in found["stores/migrate.py"])
