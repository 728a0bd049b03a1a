"""Requests that make sense in part: every route there is, asked in every wrong way.

A case is bytes as they go over the wire; its first byte says which door it comes to, and a
login or a token that is sound stands in it by name until it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final
from urllib.parse import quote, urlencode

from tests.fuzz.corpus import JSONL, LINES
from tests.fuzz.mutation import NUMBERS, ODD, mutated
from tests.web.test_app import READS, ROUTES, filled

OPERATOR, STRANGER = b"O", b"S"
"""The control socket, and the door over TCP."""
WORD, LOGIN = b"{word}", b"{login}"
"""What a login of level 10 has, put in when it is sent."""
HEAD: Final = b"Host: localhost\r\nConnection: close\r\n"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
SAFE: Final = "/?&=%;:+"
FORM: Final = "application/x-www-form-urlencoded"
KINDS: Final = (
    "application/json", FORM, f"{FORM}; charset=rot13", "multipart/form-data; boundary=x",
    "multipart/form-data", "text/plain", "application/json; charset=utf-16", "a/b;;=", "",
)  # fmt: skip
FIELDS: Final = (
    "name", "password", "level", "roles", "old", "new", "again", "next", "csrf", "user", "role",
    "holder", "grant", "bill", "meter", "kind", "phase", "expires", "billing_day", "tariff",
    "allowance", "notes", "value", "time", "quantity", "connection", "address", "profile",
    "meterPoint", "status", "description", "old_final", "new_initial", "serial", "enabled",
)  # fmt: skip
ASKED: Final = (
    "from", "to", "limit", "cursor", "quantity", "view", "period", "at", "range", "csv", "done",
    "lang", "kind", "meter", "status", "configuration", "precision", "entity", "next", "state",
    "code", "v", "format", "grain",
)  # fmt: skip
WORDS: Final = (
    "main", "rack-12", "tenant-a", "anna", "tom", "tenants", "user:tom", "energy_import", "kWh",
    "main|energy", "main|energy_import|", "user:tom", "tenant-a|user|tom", "active", "save", "",
    "24h", "month", "hourly", "billing", "2026-01-01", "2026-01-01T12:00:00Z", "9999-12-31",
    "0001-01-01T00:00:00Z", "2026-13", "1", "0", "-1", "10", "1e999", "active", "en", "de",
    "POWERMETER", "DEFINITION", "eJw", "W10", "../../etc/passwd", "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0", "%s%n", "\x00", "\u202e", "a" * 300, "${file:/etc/shadow}",
)  # fmt: skip
HEADERS: Final = (
    b"Origin: https://evil.example", b"Origin: null", b"Origin: http://localhost",
    b"X-Forwarded-For: 10.0.0.1", b"Forwarded: for=_hidden;;", b"Accept: text/html",
    b"Accept: text/html,*/*;q=0.8", b"Accept: application/openmetrics-text; version=1.0.0",
    b"Accept-Language: de-DE,de;q=0.9,;q=x,*", b"Accept-Encoding: gzip, deflate, br",
    b"Content-Encoding: deflate", b"Content-Encoding: gzip", b"Content-Encoding: identity",
    b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Upgrade: websocket",
    b"If-None-Match: *", b'If-Match: "x", W/"y"', b"Range: bytes=0-", b"Last-Event-ID: 1",
    b"Authorization: Bearer meterd_guess", b"Authorization: Basic YTpi", b"Authorization: Bearer",
    b"Cookie: meterd=guess; lang=xx; meterd_oidc=", b"Cookie: \xff=;;", b"X-Meterd-Actor: \xe4",
    b"X-Meterd-Actor: somebody", b"X-Meterd-CSRF: 0", b"X-Remote-User: anna", b"Host: evil",
    b"Content-Length: 3", b"X: " + b"x" * 9_000,
)  # fmt: skip


def sent(method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
    """A request of the operator's."""
    size = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n".encode() if body else b""
    return OPERATOR + f"{method} {path} HTTP/1.1\r\n".encode() + HEAD + size + b"\r\n" + body


QUESTIONS: Final = (
    "/v1/meters/main/intervals?quantity=energy_import&from=2026-01-01T12:05:00Z&limit=3",
    "/v1/bills/tenant-a/series?view=24h", "/v1/events?kind=offline&after=01KDWPXG30", "/bills.csv",
)  # fmt: skip
BODIES: Final = (
    ("POST", "/v1/readings", JSONL[0].split(b"\n")[0]),
    ("POST", "/v1/readings", b'[{"meter":"main","energy_import":5.5},{"meter":"rack-12"}]'),
    ("POST", "/v1/meters/main/replace", b'{"old_final":503.5,"new_initial":0,"serial":"B"}'),
    ("POST", "/v1/objects", b'{"entity":"POWERMETER","name":"new","connection":"hall"}'),
    ("PATCH", "/v1/objects/x", b'{"building":"b","points":{"a":{"b":[1]}}}'),
    ("PATCH", "/v1/records/01KDWPXG30-00000000-00000001", b'{"notes":"seen"}'),
    ("POST", "/v1/bills", b'{"name":"b","type":"energy","sources":[{"meter":"main"}]}'),
    ("POST", "/v1/records/Conveyor%20water/cutover", b"{}"),
    ("POST", "/v1/tokens", b'{"name":"n","sha256":"00","scopes":["read"]}'),
    ("POST", "/v1/users", b'{"name":"u","password":"12345678","level":10,"roles":["a"]}'),
    ("POST", "/v1/session", b'{"name":"anna","password":"correct horse"}'),
)
FORMS: Final = {
    "/users": "name password level roles", "/users/tom": "username password level roles",
    "/roles": "name description", "/grants": "bill holder expires", "/grants/remove": "grant",
    "/account/password": "old new again username", "/add/bill": "name type billing_day source",
    "/bills/tenant-a/sources": "source", "/bills/tenant-a/switch": "source to",
    "/meters/main/reading": "time energy_import", "/meters/main/order": "record order",
    "/meters/main/replace": "old_final new_initial time reason", "/login": "next name password",
    "/add/meter": "name meterName meterPoint connection address profile every parent do",
}  # fmt: skip
"""Where the forms of our pages go, and their fields."""
CORPUS: Final = (
    *(sent("GET", path) for path in (*READS, *QUESTIONS)),
    *(sent(*one) for one in BODIES),
    sent("POST", "/v1/readings?precision=s", LINES[1], "text/plain"),
    sent("POST", "/v1/readings")[:-2] + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
)


def asked(corpus: Sequence[bytes], chance: Random) -> bytes:
    """A case: made anew, or one of the corpus, in either case perhaps with damage to it."""
    data = _made(chance) if chance.random() < 0.7 else chance.choice(corpus)
    if chance.random() < 0.3:
        return data[:1] + mutated([data[1:]], chance)
    return data


def _made(chance: Random) -> bytes:
    method, path = chance.choice(ROUTES)
    path = filled(path)
    if chance.random() < 0.25:
        method, path = "POST", chance.choice(list(FORMS))
    sound = path
    if chance.random() < 0.1:
        method = chance.choice(METHODS)
    if chance.random() < 0.15:
        parts = path.split("/")
        parts[chance.randrange(len(parts))] = quote(chance.choice(WORDS), safe="")
        path = "/".join(parts)
    if chance.random() < 0.25:
        pairs = [(chance.choice(ASKED), _word(chance)) for _ in range(chance.randint(1, 3))]
        path += "?" + urlencode(pairs, errors="replace")
    body, kind = _form(sound, chance) if sound in FORMS else _body(method, chance)
    headers = _headers(chance)
    if body:
        headers += [b"Content-Type: " + kind.encode(), b"Content-Length: %d" % len(body)]
    head = b"".join(header + b"\r\n" for header in headers)
    line = f"{method} {quote(path, safe=SAFE)} HTTP/1.1\r\n".encode()
    return chance.choice((OPERATOR, STRANGER)) + line + HEAD + head + b"\r\n" + body


def _headers(chance: Random) -> list[bytes]:
    found = [chance.choice(HEADERS) for _ in range(chance.choice((0, 0, 0, 1, 2)))]
    if chance.random() < 0.8:
        found += [b"Cookie: meterd=" + LOGIN]
        found += [b"X-Meterd-CSRF: " + WORD] if chance.random() < 0.9 else []
    return found


def _form(path: str, chance: Random) -> tuple[bytes, str]:
    pairs = [(field, _word(chance)) for field in FORMS[path].split()]
    if chance.random() < 0.2:
        pairs.append((chance.choice(FIELDS), _word(chance)))
    return urlencode(pairs, errors="replace").encode(), FORM


def _body(method: str, chance: Random) -> tuple[bytes, str]:
    """(body, what it says it is)."""
    if method in {"GET", "HEAD"} and chance.random() < 0.95:
        return b"", ""
    way = chance.randrange(4)
    if way == 0:
        pairs = [(chance.choice(FIELDS), _word(chance)) for _ in range(chance.randint(0, 8))]
        return urlencode(pairs, errors="replace").encode(), FORM
    if way == 1:
        return mutated([body for _, _, body in BODIES], chance), chance.choice(KINDS)
    if way == 2:
        return chance.choice(BODIES)[2], "application/json"
    members = [f'"{chance.choice(FIELDS)}":{_json(chance)}' for _ in range(chance.randint(0, 8))]
    return f"{{{','.join(members)}}}".encode("utf-8", "replace"), "application/json"


def _json(chance: Random, depth: int = 0) -> str:
    way = chance.randrange(6 if depth < 3 else 4)
    if way < 2:
        return '"' + _word(chance).replace("\\", "").replace('"', "").replace("\0", "\\u0000") + '"'
    if way < 4:
        return chance.choice(NUMBERS).decode("utf-8", "replace")
    inside = [_json(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    if way == 4:
        return f"[{','.join(inside)}]"
    return "{" + ",".join(f'"{chance.choice(FIELDS)}":{one}' for one in inside) + "}"


def _word(chance: Random) -> str:
    if chance.random() < 0.2:
        return chance.choice(ODD).decode("utf-8", "replace")
    return chance.choice(WORDS)
