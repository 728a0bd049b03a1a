"""Who may ask what: addresses, names, origins, bodies, and who an order is from."""

from __future__ import annotations

import os
from typing import Any

import pytest
from tests.web.asking import Client
from tests.web.house import Daemon, bearer

from meterd.orders import RecordOrdered
from meterd.web.caller import Caller
from meterd.web.door import LOCAL_HOSTS
from meterd.web.gate import Call, host_name, is_loopback, refusal

CUTOVER = "/v1/records/Conveyor water/cutover"


@pytest.mark.parametrize(
    ("peer", "is_this_host"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.7", False),
        ("192.168.1.2", False),
        ("::ffff:10.0.0.7", False),
        ("fe80::1%eth0", False),
        ("2001:db8::1", False),
        ("0.0.0.0", False),
        ("::", False),
        ("localhost", False),
        ("127.0.0.1, 10.0.0.7", False),
        ("", False),
        (None, False),
    ],
)
def test_only_loopback_is_this_host(peer: str | None, is_this_host: bool) -> None:
    assert is_loopback(peer) is is_this_host


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:9850", "localhost"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("[::1]:9850", "[::1]"),
        ("[::1]", "[::1]"),
        ("evil.example", "evil.example"),
        ("localhost:", None),
        ("localhost:123456", None),
        ("localhost@evil.example", None),
        ("localhost:1@evil.example", None),
        ("::1", None),
        ("", None),
    ],
)
def test_a_host_header_names_one_host(host: str, name: str | None) -> None:
    assert host_name(host) == name


PROBES = {"/healthz", "/readyz"}
NEED = {"GET": 5, "HEAD": 5, "POST": 9, "PATCH": 9, "DELETE": 9}
"""The level that a call takes in this table, unless it says another."""
LOCAL: dict[str, Any] = {"method": "GET", "path": "/v1/meters", "peer": "127.0.0.1"}
STRANGER: dict[str, Any] = {"peer": "10.0.0.7", "hosts": ("10.1.0.5:9850",)}
READER, WRITER = Caller("r", 5), Caller("w", 9)
GATEWAY = Caller("g", 0, pushes=frozenset({"main"}))
TOM, WANDA = Caller("tom", 1, "user"), Caller("wanda", 9, "user")
CALLS: dict[str, tuple[dict[str, Any], Caller | None, int | None]] = {
    "the host itself may read": ({}, None, None),
    "and by IPv6": ({"peer": "::1", "hosts": ("[::1]:9850",)}, None, None),
    "a stranger may not": (STRANGER, None, 401),
    "not even what is not there": ({**STRANGER, "exists": False}, None, 401),
    "nor order": ({**STRANGER, "method": "POST"}, None, 401),
    "but may see whether it lives": ({**STRANGER, "path": "/healthz"}, None, None),
    "and is ready, by any name": ({"peer": "::2", "path": "/readyz"}, None, None),
    "a name that was bent to us": ({"hosts": ("evil.example:9850",)}, None, 421),
    "no name": ({"hosts": ()}, None, 421),
    "two names": ({"hosts": ("localhost", "localhost")}, None, 421),
    "a page of ours": ({"origin": "http://localhost:9850"}, None, None),
    "a page of somebody else": ({"origin": "https://evil.example"}, None, 403),
    "a page of nobody": ({"origin": "null"}, None, 403),
    "an order, over TCP": ({"method": "POST"}, None, 401),
    "an order of a page of somebody else": (
        {"method": "POST", "origin": "https://evil.example"}, None, 403,
    ),
    "an order to nothing is not there": ({"method": "POST", "exists": False}, None, None),
    "asking for the headers": ({"method": "HEAD"}, None, None),
    "a token to read": ({}, READER, None),
    "from anywhere": (STRANGER, READER, None),
    "by any name, for no page can send it": ({"hosts": ("evil.example",)}, READER, None),
    "and not to write": ({"method": "PATCH"}, READER, 403),
    "what is not there is told to it": ({**STRANGER, "exists": False}, READER, None),
    "a token to write": ({**STRANGER, "method": "DELETE"}, WRITER, None),
    "may read as well": (STRANGER, WRITER, None),
    "and push": ({**STRANGER, "method": "POST", "path": "/v1/readings"}, WRITER, None),
    "a token to push": ({**STRANGER, "method": "POST", "path": "/v1/readings"}, GATEWAY, None),
    "is for nothing else": ({**STRANGER, "method": "POST", "path": "/v1/objects"}, GATEWAY, 403),
    "not even to read": ({}, GATEWAY, 403),
    "nor to look for what is not there": ({"exists": False}, GATEWAY, 403),
    "a token of no scope": ({}, Caller("n", 0), 403),
    "what a proxy passed on is not the host's own": ({"passed_on": True}, None, 401),
    "whatever it is": ({"passed_on": True, "exists": False}, None, 401),
    "but for a probe": ({"passed_on": True, "path": "/healthz"}, None, None),
    "a login": (STRANGER, WANDA, None),
    "that may change something": ({**STRANGER, "method": "POST", "need": 9}, WANDA, None),
    "a login of a level too low": (STRANGER, TOM, 403),
    "is told what is not there": ({**STRANGER, "exists": False}, TOM, None),
    "and may do what all may": ({**STRANGER, "need": 0.5}, TOM, None),
    "which no token may": ({**STRANGER, "need": 0.5}, GATEWAY, 403),
    "a login on a page of the same host": (
        {**STRANGER, "origin": "http://10.1.0.5:9850"}, WANDA, None,
    ),
    "and on a page of another port": ({**STRANGER, "origin": "http://10.1.0.5:80"}, WANDA, 403),
    "and on a page of somebody else": ({**STRANGER, "origin": "https://evil.example"}, WANDA, 403),
    "coming in": ({**STRANGER, "method": "POST", "need": 0}, None, None),
    "coming in by a page of the same host": (
        {**STRANGER, "method": "POST", "need": 0, "origin": "http://10.1.0.5:9850"}, None, None,
    ),
    "coming in by a page of somebody else": (
        {**STRANGER, "method": "POST", "need": 0, "origin": "https://evil.example"}, None, 403,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("call", "caller", "status"), CALLS.values(), ids=CALLS)
def test_who_may_go_on(call: dict[str, Any], caller: Caller | None, status: int | None) -> None:
    whole = {"hosts": ("localhost:9850",)} | LOCAL | call
    whole.setdefault("need", 0 if whole["path"] in PROBES else NEED.get(whole["method"], 5))
    if not whole.get("exists", True):
        whole["need"] = 5
    made = Call(**whole)
    problem = refusal(made, LOCAL_HOSTS, caller)
    assert (problem and problem.status) == status


@pytest.mark.parametrize("claim", ["10.0.0.7", "127.0.0.1", "for=10.0.0.7"])
@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
async def test_no_header_makes_a_neighbour_of_a_stranger(
    name: str, claim: str, browser: Client, stranger: Client
) -> None:
    """And one that a proxy writes unmakes one: whoever stands behind a proxy on this host is
    not the host, whatever address they say that they have."""
    assert (await browser.ask("/v1/site", headers={name: claim})).status == 401
    assert (await stranger.ask("/v1/site", headers={name: claim})).status == 401


async def test_a_stranger_is_told_how_to_come_in(stranger: Client) -> None:
    answer = await stranger.ask("/v1/meters")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "meterd token add NAME --scope read" in answer.json["detail"]


async def test_who_may_not_order_is_told_what_to_do(browser: Client) -> None:
    answer = await browser.ask(CUTOVER, "POST")
    assert "meterd token add NAME --scope operate" in answer.json["detail"]
    answer = await browser.ask(CUTOVER, "POST", headers=bearer("meterd_reader"))
    assert answer.status == 403
    assert 'error="insufficient_scope", scope="operate"' in answer.headers["WWW-Authenticate"]


async def test_two_tokens_are_none(browser: Client) -> None:
    headers = [("Authorization", "Bearer meterd_reader")] * 2
    assert (await browser.ask("/v1/site", headers=headers)).status == 401


@pytest.mark.parametrize("path", ["/v1/site", "/v1/nothing", "/metrics", "/healthz"])
async def test_browsers_are_told_to_do_nothing_with_an_answer(path: str, browser: Client) -> None:
    headers = (await browser.ask(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Server" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


# -- bodies -------------------------------------------------------------------------------


# -- who orders ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "actor"),
    [({}, f"uid {os.getuid()}"), ({"X-Meterd-Actor": "anna@desk 3"}, "anna@desk 3")],
)
async def test_an_order_says_who_gave_it(
    headers: dict[str, str], actor: str, operator: Client, daemon: Daemon
) -> None:
    answer = await operator.ask(CUTOVER, "POST", headers=headers)
    (order,) = daemon.orders
    assert isinstance(order, RecordOrdered)
    assert (order.actor, answer.json["actor"]) == (actor, actor)


async def test_an_order_with_a_token_is_of_the_token_whatever_else_it_says(
    browser: Client, daemon: Daemon
) -> None:
    headers = {**bearer("meterd_writer"), "X-Meterd-Actor": "anna"}
    answer = await browser.ask(CUTOVER, "POST", headers=headers)
    (order,) = daemon.orders
    assert isinstance(order, RecordOrdered)
    assert (order.actor, answer.json["actor"]) == ("token writer", "token writer")


@pytest.mark.parametrize("name", ["", "x" * 65, "a\tb"])
async def test_an_actor_has_a_printable_name(name: str, operator: Client, daemon: Daemon) -> None:
    answer = await operator.ask(CUTOVER, "POST", headers={"X-Meterd-Actor": name})
    assert (answer.status, daemon.orders) == (400, [])
