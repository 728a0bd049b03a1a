"""What people keep in the store, as the running daemon has it: what was made here, tokens and
accounts.

All are read once, at the start; from then on every change goes through the daemon, which
commits it first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import structlog

from meterd.config.accounts import KINDS, Accounts
from meterd.config.findings import Finding
from meterd.config.logins import SEEN_MS
from meterd.config.models import Config
from meterd.config.objects import Merged, with_objects
from meterd.config.stored import Findings, label_of
from meterd.orders import Administered, StoredObject, StoredSession, StoredToken
from meterd.stores import StoreError
from meterd.stores.sqlite import SqliteStore

log = structlog.get_logger()

USED_MS: Final = 60_000
"""How exactly it is kept when a token was last used: each time is a commit."""


class Kept:
    """The objects by label, the tokens by name, the accounts, and what came of laying the
    objects beside the file.

    file: the configuration without them. folder: where it is.
    """

    def __init__(self, file: Config, folder: Path, store: SqliteStore) -> None:
        with store.reader() as reader:
            self.objects = {label_of(item): item for item in reader.objects()}
            self.tokens = {token.name: token for token in reader.tokens()}
            rows = [row for kind in KINDS for row in reader.kept(kind)]
        self.accounts = Accounts().after(rows)
        self.file = file
        self.merged = with_objects(file, [*self.objects.values()], folder)
        self._folder = folder
        self._store = store
        for name, wrong in self.merged.left_out.items():
            log.error(
                "What was made through the API does not fit the configuration and is left out.",
                object=name,
                why=told(wrong),
            )

    def beside(self, file: Config, row: StoredObject | None = None) -> Merged:
        """All of it beside this file, after this row has come, changed or gone."""
        objects = {**self.objects, label_of(row): row} if row is not None else self.objects
        there = [item for item in objects.values() if not item.gone]
        return with_objects(file, there, self._folder)

    def newly_left_out(self, merged: Merged, name: str = "") -> Findings:
        """Those that would not fit any more, and the one of this name if it does not."""
        before = self.merged.left_out.keys() - {name}
        return {key: wrong for key, wrong in merged.left_out.items() if key not in before}

    def take(self, item: Administered) -> None:
        """Remember what is about to be committed."""
        self._take(item.row)
        self.accounts = self.accounts.after(
            row for row in (item.row, *item.also) if isinstance(row, KINDS)
        )

    def _take(self, row: object) -> None:
        if isinstance(row, StoredObject):
            self.objects[label_of(row)] = row
            self.objects = {key: item for key, item in self.objects.items() if not item.gone}
        elif isinstance(row, StoredToken):
            self.tokens[row.name] = row
            self.tokens = {name: token for name, token in self.tokens.items() if not token.gone}

    async def use(self, token: StoredToken, now_ms: int) -> None:
        """Remember that a token is good for something."""
        if token.used_ms is not None and 0 <= now_ms - token.used_ms < USED_MS:
            return
        self.tokens[token.name] = msgspec.structs.replace(token, used_ms=now_ms)
        try:
            await self._store.use_token(token, now_ms)
        except StoreError as error:  # a reader is not turned away because a disk is full
            log.warning("Not kept when a token was last used.", token=token.name, error=str(error))

    async def use_session(self, session: StoredSession, now_ms: int) -> None:
        """Remember that a login is used."""
        if 0 <= now_ms - session.seen_ms < SEEN_MS:
            return
        seen = msgspec.structs.replace(session, seen_ms=now_ms)
        self.accounts = self.accounts.after([seen])
        try:
            await self._store.use_session(session.sha256, now_ms)
        except StoreError as error:
            log.warning("Not kept when a login was last used.", error=str(error))


def told(wrong: tuple[Finding, ...]) -> str:
    """What is wrong with an object, in one line."""
    return " ".join(f"{each.path}: {each.message}. {each.remedy}".strip() for each in wrong)
