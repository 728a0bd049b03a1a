"""Bearer tokens for HTTP: add one, list them, revoke one.

A token is printed once, when it is added; only its SHA-256 is kept. Works beside a running
daemon, which heeds it at once, and without one.
"""

from __future__ import annotations

import secrets
import sys
from argparse import ArgumentParser, Namespace
from typing import Any, Final
from urllib.parse import quote

from meterd.cli.actions import actions
from meterd.cli.control import actor, ask, expect_done
from meterd.cli.exits import DONE, FINDING, USAGE, CliError
from meterd.cli.listing import put
from meterd.cli.offline import carry_out
from meterd.cli.printing import as_json
from meterd.cli.site import known, loaded, store_argument, store_errors, store_path
from meterd.clock import SystemClock
from meterd.config.load import Loaded
from meterd.config.tokens import (
    RANDOM_BYTES,
    READ,
    added,
    checked_name,
    checked_scope,
    digest,
    duration_ms,
    revoked,
    token_text,
)
from meterd.config.values import WrongValueError
from meterd.orders import TOKENS_MAX, StoredToken
from meterd.shapes import token as shown
from meterd.stores.queries import Reader

COLUMNS: Final = ("name", "scopes", "created", "created_by", "expires", "last_used")


def arguments(parser: ArgumentParser) -> None:
    """Options of this verb."""
    store_argument(parser)
    made = actions(
        parser,
        {
            "add": "make a token and print it, this once",
            "list": "every token: what it is good for, and when it last was",
            "revoke": "let its bearer in no more",
        },
    )
    add = made["add"]
    add.add_argument("name", metavar="NAME", help="whose it is; events tell it")
    add.add_argument(
        "--scope",
        action="append",
        metavar="SCOPE",
        help="read (default), operate, write, admin or push:METER; may be given several times",
    )
    add.add_argument("--expires", metavar="TIME", help="good for so long, as in 90d")
    made["list"].add_argument("--csv", action="store_true", help="print CSV")
    made["revoke"].add_argument("name", metavar="NAME")


def run(args: Namespace) -> int:
    """Exit 1 where there is one of the name already."""
    found = loaded(args)
    path = store_path(found, args.store)
    if args.action == "list":
        now_ms = SystemClock().now_ms()
        rows = [shown(token, now_ms) for token in _tokens(path)]
        for row in rows if not args.json else ():
            row["scopes"] = " ".join(row["scopes"])
        put(args, rows, COLUMNS)
    elif args.action == "add":
        _add(args, found, path)
    else:
        _revoke(args, found, path)
    return DONE


def _tokens(path: str) -> list[StoredToken]:
    with store_errors(), Reader.open(path) as reader:
        return reader.tokens()


def _add(args: Namespace, found: Loaded, path: str) -> None:
    text = token_text(secrets.token_bytes(RANDOM_BYTES))
    token = _token(args, digest(text))
    body: dict[str, Any] = {
        "name": token.name,
        "sha256": token.sha256,
        "scopes": token.scopes,
        "expires_ms": token.expires_ms,
    }
    answer = ask(path, "POST", "/v1/tokens", body)
    if answer is not None:
        expect_done(answer)
    else:
        with store_errors():
            carry_out(path, found, lambda reader: added(_new(reader, token)))
    if args.json:
        as_json({"token": text} | shown(token, token.created_ms))
    else:
        print(text)
        print("Keep it: it is not shown again.", file=sys.stderr)


def _token(args: Namespace, sha256: str) -> StoredToken:
    now_ms = SystemClock().now_ms()
    try:
        name = checked_name(args.name)
        scopes = tuple(checked_scope(scope) for scope in args.scope or (READ,))
        expires_ms = None if args.expires is None else now_ms + duration_ms(args.expires)
    except WrongValueError as wrong:
        raise CliError(f"that {wrong}. {wrong.remedy}", USAGE) from wrong
    return StoredToken(name, sha256, scopes, now_ms, actor(), expires_ms)


def _new(reader: Reader, token: StoredToken) -> StoredToken:
    names = {other.name for other in reader.tokens()}
    if token.name in names:
        raise CliError(f"there is a token {token.name!r} already; revoke it first", FINDING)
    if len(names) >= TOKENS_MAX:
        raise CliError(f"there are {TOKENS_MAX} tokens; revoke one first", FINDING)
    return token


def _revoke(args: Namespace, found: Loaded, path: str) -> None:
    tokens = {token.name: token for token in _tokens(path)}
    name = known("token", args.name, tokens)
    answer = ask(path, "DELETE", f"/v1/tokens/{quote(name)}")
    if answer is not None:
        expect_done(answer)
    else:
        now_ms = SystemClock().now_ms()
        with store_errors():
            carry_out(path, found, lambda _reader: revoked(tokens[name], now_ms, actor()))
    if args.json:
        as_json({"revoked": name, "daemon": answer is not None})
    else:
        print(f"{name}: revoked")
