"""The page of supported devices, made from the packaged profiles: `make devices` writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from meterd.cli.profiles import profile_of, row
from meterd.config.profiles import profile_names

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "devices.md"
HEAD: Final = """# Devices

Made by `make devices` from the packaged profiles; edit those, not this page.

*Verified* means that at least two independent public sources give the same address and scale
for every point that matters to a bill; *one source* that only one does. No profile has been
tried on hardware by us: before you bill, compare `meterd read METER` with the display.
`meterd profiles show PROFILE` lists the points and says of each whether it has several sources.
*Energy* is what a bill is made from; *integrated* means that the device has no counter, so its
power is. Of protocol *push* are devices that nobody here can ask: something must carry their
readings ([Push readings](../how-to/push-readings.md)).

| device | profile | protocol | energy | points | sources |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    lines, notes = [], []
    for name in profile_names():
        shown, profile = row(name), profile_of(name, Path())
        sources = "verified" if shown["verified"] else "one source"
        lines.append(
            f"| {shown['make']} {shown['models']} | `{name}` | {shown['protocol']} "
            f"| {shown['energy']} | {shown['points']} | {sources} |\n"
        )
        if profile.notes:
            notes.append(f"\n**{name}.** {' '.join(profile.notes)}\n")
    return HEAD + "".join(lines) + "\n## What to know before you bill\n" + "".join(notes)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
