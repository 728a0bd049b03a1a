"""The web server in the file: what is told of it, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from meterd.config.load import load

OWN = "site: {name: hq, timezone: UTC}\nmeters: []\n"
PLAIN = "passwords cross the network in the clear"
FILES = {
    "listen: '127.0.0.1:9850'": [],
    "listen: '0.0.0.0:9850'": [PLAIN],
    "listen: 'meter.example:9850', url: 'http://meter.example'": [PLAIN],
    "listen: '0.0.0.0:9850', url: 'https://meter.example'": [],
    "listen: '0.0.0.0:9850', cert_file: c.pem, key_file: k.pem": [],
    "listen: '0.0.0.0:9850', proxy: {trusted: [10.1.0.5/32]}": [],
    "cert_file: c.pem": ["cert_file and key_file belong together"],
    "names: [meter.example, '10.1.0.5']": [],
    "names: [meter.example:80, 'a b']": [
        '"meter.example:80" is no name of a host', '"a b" is no name of a host',
    ],
    "url: 'https://meter.example:8443/'": [],
    "url: meter.example": ['"meter.example" is no URL'],
    "url: 'https://meter.example/below'": ["is no URL"],
    "url: 'https://u:p@meter.example'": ["is no URL"],
    "url: 'https://meter.example:99999'": ["is no URL"],
    "proxy: {}": ["the key is missing"],
    "proxy: {trusted: []}": ["nobody is trusted"],
    "proxy: {trusted: [somebody]}": ['"somebody" is no address or network'],
    "proxy: {trusted: [0.0.0.0/0, '::/0']}": ["every address there is", "every address there is"],
    "proxy: {trusted: ['::1'], user_header: 'X User'}": ['"X User" is no header'],
    "proxy: {trusted: ['::1'], user_header: X-User, roles_header: X-Groups}": [],
    "proxy: {trusted: ['::1'], roles_header: X-Groups}": ["nobody's without the key user_header"],
    "proxy: {trusted: ['::1'], levels: {admins: 10}}": ["nobody's without the key user_header"],
    "proxy: {trusted: ['::1'], level: 11}": ["out of range"],
    "proxy: {trusted: ['::1'], levels: {admins: 0}}": ["out of range"],
    "url: 'https://m.example', oidc: {issuer: 'https://login.example/realm', client_id: m}": [],
    "oidc: {issuer: 'https://login.example', client_id: m}": ["oidc needs the key url"],
    "url: 'https://m.example', oidc: {issuer: 'http://127.0.0.1:9400', client_id: m}": [],
    "url: 'https://m.example', oidc: {issuer: 'http://login.example', client_id: m}": [
        "it is reached in the clear",
    ],
    "url: 'https://m.example', oidc: {issuer: login, client_id: m}": ['"login" is no URL'],
    "url: 'https://m.example', oidc: {issuer: 'https://l.example', client_id: m, scopes: email}": [
        "openid is not among them",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("http", "told"), FILES.items(), ids=FILES)
def test_what_is_wrong_is_told(http: str, told: list[str], tmp_path: Path) -> None:
    file = tmp_path / "meterd.yaml"
    file.write_text(f"{OWN}http: {{{http}}}\n", "utf-8")
    messages = [finding.message for finding in load(file, {}).findings if "http" in finding.path]
    assert len(messages) == len(told), messages
    for message, part in zip(messages, told, strict=True):
        assert part in message
