"""What is found while a file is read and checked, each at the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Final

from meterd.config import yaml
from meterd.config.findings import ERROR, WARNING, Finding, Path, dotted

MAX_GUESSES: Final = 100
"""Near names looked for in one file; each costs a walk over all the names there are."""
MAX_CHOICES: Final = 14
"""More than these are not listed in a message."""

MIN_HIDDEN: Final = 4
"""Characters of a resolved value that is worth hiding: a unit id is not."""


class Report:
    """The findings of one file. base: its folder. environ: for the references in it.

    literals: paths of secrets that stand in the file themselves.
    """

    def __init__(
        self, root: yaml.Node, base: FilePath, environ: Mapping[str, str], file: str = ""
    ) -> None:
        self.findings: list[Finding] = []
        self.literals: list[Path] = []
        self.root = root
        self.base = base
        self.environ = environ
        self._file = file
        self._wrong: set[Path] = set()
        self._broken: set[Path] = set()
        self._guesses = 0
        self._hidden: dict[str, str] = {}

    def error(self, path: Path, message: str, remedy: str = "", *, key: bool = False) -> None:
        """Nothing starts. key: the finding is about the key and not its value."""
        self._wrong.add(path)
        self._broken.update(path[:length] for length in range(len(path) + 1))
        self._note(self.position(path, key=key), path, (message, remedy), ERROR)

    def warn(self, path: Path, message: str, remedy: str = "") -> None:
        """Worth a look."""
        self._note(self.position(path), path, (message, remedy), WARNING)

    def hide(self, value: str, written: str) -> None:
        """From now on no finding shows this value; it shows the reference that gave it."""
        if len(value) >= MIN_HIDDEN:
            self._hidden[value] = written

    def broken(self, *path: str | int) -> bool:
        """Whether an error stands at this path, below it, or at a part that holds it."""
        above = (path[:length] for length in range(len(path)))
        return path in self._broken or any(part in self._wrong for part in above)

    def near(self, word: str, names: Collection[str], cutoff: float = 0.6) -> str:
        """The name that was probably meant, "" if none is near."""
        self._guesses += 1
        if self._guesses > MAX_GUESSES:
            return ""
        plain = word.lower().replace("-", "_")
        found = get_close_matches(word, names, 1, cutoff) or get_close_matches(
            plain, names, 1, cutoff
        )
        return found[0] if found else ""

    def guess(self, word: str, names: Collection[str], otherwise: str = "") -> str:
        """A remedy: the name that was probably meant, or all of them if they are few."""
        if near := self.near(word, names):
            return f'Did you mean "{near}"?'
        if otherwise or not 0 < len(names) <= MAX_CHOICES:
            return otherwise
        return f"Known here: {', '.join(sorted(names))}."

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of a value, or of its key; of the nearest part that is there."""
        node, place = self.root, (self.root.line, self.root.column)
        for index, part in enumerate(path):
            if isinstance(node, yaml.Mapping) and part in node.entries:
                at_key = node.keys[str(part)]
                node = node.entries[str(part)]
            elif isinstance(node, yaml.Sequence) and part in range(len(node.items)):
                node = node.items[int(part)]
                at_key = (node.line, node.column)
            else:
                break
            place = at_key if key and index == len(path) - 1 else (node.line, node.column)
        return place

    def _note(
        self, place: tuple[int, int], path: Path, texts: tuple[str, str], severity: str
    ) -> None:
        message, remedy = (self._masked(text) for text in texts)
        finding = Finding(dotted(path), *place, message, remedy, severity, self._file)
        self.findings.append(finding)

    def _masked(self, text: str) -> str:
        for value, written in self._hidden.items():
            whole = rf"(?<!\w){re.escape(value)}(?!\w)"
            text = re.sub(whole, written.replace("\\", r"\\"), text)
        return text
