"""The site, its demand window, connections and brokers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.written import EMPTY, SITE, found

WHOLE = "Write mqtt://HOST:1883, or mqtts:// for TLS."
OWN = "site: {name: hq, timezone: UTC}\nmeters: []\n"
DEMAND = "site: {name: hq, timezone: UTC, demand: "

CASES: dict[str, list[str]] = {
    "site: {name: hq, timezone: Europe/Berlim}\nmeters: []": [
        'error 1:28: site.timezone: no time zone "Europe/Berlim". Did you mean "Europe/Berlin"?'
    ],
    "site: {name: hq, timezone: Europe}\nmeters: []": [
        'error 1:28: site.timezone: no time zone "Europe". Did you mean "Europe/Rome"?'
    ],
    "site: {name: hq, timezone: ../../etc/passwd}\nmeters: []": [
        'error 1:28: site.timezone: no time zone "../../etc/passwd". Write it as Europe/Berlin.'
    ],
    "site: {name: hq, timezone: ''}\nmeters: []": [
        'error 1:28: site.timezone: no time zone "". Write it as Europe/Berlin.'
    ],
    "site: {name: hq, timezone: UTC, currency: Euro}\nmeters: []": [
        ('error 1:43: site.currency: "Euro" is not written as it must be. '
        "Write its ISO 4217 code, as in EUR.")
    ],
    f"{OWN}sampling: 0s": [("error 3:11: sampling: the interval is out of range. "
                           "It must be from 1s to 1d.")],
    f"{OWN}sampling: 2d": [("error 3:11: sampling: the interval is out of range. "
                           "It must be from 1s to 1d.")],
    f"{OWN}maintenance: {{at: 24:00}}": [
        'error 3:19: maintenance.at: "24:00" is not written as it must be. Write it as 03:00.'
    ],
    f"{OWN}maintenance: {{at: 03:00}}": [],
    f"{DEMAND}{{window: 5m}}}}\nmeters: []": [],
    f"{DEMAND}{{window: 15m, step: 10m}}}}\nmeters: []": [
        ("error 1:41: site.demand: the step of 10m does not divide the window of 15m. "
        "Write a step such as 5m of a window of 15m.")
    ],
    f"{DEMAND}{{step: 1m}}}}\nmeters: []": [
        ("error 1:41: site.demand: intervals of 5m do not fill a step of 1m. "
        "Change the step, the window or sampling:.")
    ],
    f"{DEMAND}{{step: 1m}}}}\nmeters: []\nsampling: 1m": [],
    f"{DEMAND}{{window: 0s}}}}\nmeters: [{{name: m, demand: {{quantity: kva}}}}]": [
        "error 1:50: site.demand.window: the window is out of range. It must be from 1s to 1d."
    ],
    f"{OWN}sampling: 30m": [],
    f"{OWN}http: {{listen: '127.0.0.1:9850'}}": [],
    f"{OWN}http: {{listen: '[::1]:9850'}}": [],
    f"{OWN}http: {{listen: '::1:9850'}}": [
        ('error 3:16: http.listen: "::1:9850" is no address to listen on. '
        'Write it as "127.0.0.1:9850".')
    ],
    f"{OWN}http: {{listen: ':9850'}}": [
        ('error 3:16: http.listen: ":9850" is no address to listen on. '
        'Write it as "127.0.0.1:9850".')
    ],
    f"{OWN}http: {{listen: 'localhost:65536'}}": [
        ('error 3:16: http.listen: "localhost:65536" is no address to listen on. '
        'Write it as "127.0.0.1:9850".')
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_what_is_there_once(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, text + "\n") == CASES[text]


LINKS = {
    "protocol: modbus_tcp, host: x, timeout: 1ms": [("timeout: the timeout is too short. "
                                                    "Give it 10ms or more.")],
    "protocol: snmp, version: 2c": [("community: the key is missing. "
                                    'Write community: "${env:SNMP_COMMUNITY}".')],
    "protocol: snmp, version: 3": [("user: the key is missing. "
                                   "SNMP version 3 logs in with user: NAME.")],
    'protocol: snmp, version: 3, user: u, privacy: {protocol: des, password: "${env:HOME}"}': [
        "auth: the key is missing. There is no privacy without authentication."
    ],
    "protocol: snmp, version: 3, user: u, community: public": [
        "community: version 3 has no community. Drop it."
    ],
    "protocol: snmp, version: 1, community: public, user: u": [
        "user: version 1 has no user. Drop it, or write version: 3."
    ],
}  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_a_connection(link: str, tmp_path: Path) -> None:
    lines = found(tmp_path, f"{SITE}{EMPTY}connections: {{x: {{{link}}}}}\n", {"HOME": "pass"})
    told = [line.partition("connections.x.")[2] for line in lines if "not built" not in line]
    assert told == LINKS[link]


BROKERS: dict[str, list[str]] = {
    "url: mqtt://127.0.0.1:1883": [],
    "url: mqtts://broker": [],
    "url: tcp://broker": [f"error 3:13: mqtt.url: that is no broker's URL. {WHOLE}"],
    "url: broker": [f"error 3:13: mqtt.url: that is no broker's URL. {WHOLE}"],
    "url: 'mqtt://broker:port'": [f"error 3:13: mqtt.url: that is no broker's URL. {WHOLE}"],
    "url: 'mqtt://[broker'": [f"error 3:13: mqtt.url: that is no broker's URL. {WHOLE}"],
    "url: broker, topic: '#'": [
        f"error 3:13: mqtt.url: that is no broker's URL. {WHOLE}",
        (
            'error 3:28: mqtt.topic: "#" cannot begin a topic. '
            "Write plain levels, as in meterd or site/power."
        ),
    ],
    "url: 5": ["error 3:13: mqtt.url: the value is not text here. Put it in quotes."],
    "topic: a": ["error 3:7: mqtt.url: the key is missing. Write url: here."],
    "url: mqtt://localhost, topic: 'a/#'": [
        (
            'error 3:38: mqtt.topic: "a/#" cannot begin a topic. '
            "Write plain levels, as in meterd or site/power."
        )
    ],
    "url: mqtt://localhost, topic: '/'": [
        (
            'error 3:38: mqtt.topic: "/" cannot begin a topic. '
            "Write plain levels, as in meterd or site/power."
        )
    ],
    "url: mqtt://localhost, home_assistant: {}": [],
    "url: mqtt://localhost, home_assistant: {prefix: '', birth_topic: 'ha/+'}": [
        (
            'error 3:56: mqtt.home_assistant.prefix: "" cannot begin a topic. '
            "Write plain levels, as in meterd or site/power."
        ),
        (
            'error 3:73: mqtt.home_assistant.birth_topic: "ha/+" cannot begin a topic. '
            "Write plain levels, as in meterd or site/power."
        ),
    ],
    "url: mqtt://localhost, cert_file: x": [
        "error 3:7: mqtt: cert_file and key_file belong together. Write both or neither."
    ],
    "url: mqtt://localhost, password: '${env:HOME}'": [],
    "url: mqtt://broker, password: '${env:HOME}'": [
        (
            "error 3:13: mqtt.url: the password crosses the network in the clear. "
            "Use mqtts://, or say allow_plaintext: true."
        )
    ],
    "url: mqtt://broker, password: '${env:HOME}', allow_plaintext: true": [],
    "url: mqtts://broker, password: '${env:HOME}'": [],
    "url: 'mqtt://u:${env:HOME}@broker'": [
        (
            "error 3:13: mqtt.url: the password crosses the network in the clear. "
            "Use mqtts://, or say allow_plaintext: true."
        ),
    ],
}


@pytest.mark.parametrize("broker", BROKERS)
def test_a_broker(broker: str, tmp_path: Path) -> None:
    text = f"{SITE}{EMPTY}mqtt: {{{broker}}}\n"
    assert found(tmp_path, text, {"HOME": "pass"}) == BROKERS[broker]


FLOWS: dict[str, list[str]] = {
    "url: 'https://x', token: t": [],
    "url: 'http://127.0.0.1:8080', token: t": [],
    "url: 'http://x', token: t, allow_plaintext: true": [],
    "url: 'ftp://x', token: t": [
        (
            "error 3:19: demandflow.url: that is no service's URL. "
            "Write https://HOST, without credentials."
        )
    ],
    "url: 'http://x', token: t": [
        (
            "error 3:19: demandflow.url: the token crosses the network in the clear. "
            "Use https://, or say allow_plaintext: true."
        )
    ],
    "url: 'https://x', token: 'a b'": [
        "error 3:39: demandflow.token: the token is empty or has blanks. Copy it again."
    ],
    "url: 'https://x', token: t, create: true": [
        (
            "error 3:13: demandflow.sub_id: the key is missing. "
            "Objects are created in a subscriber's tenant: write its id."
        )
    ],
    "url: 'https://x', token: t, min_interval: 0s": [
        "error 3:56: demandflow.min_interval: the time is zero. Write 60s, or so."
    ],
}


@pytest.mark.parametrize("flow", FLOWS)
def test_a_tenant_of_demandflow(flow: str, tmp_path: Path) -> None:
    text = f"{SITE}{EMPTY}demandflow: {{{flow}}}\n"
    lines = [line for line in found(tmp_path, text) if not line.startswith("warning")]
    assert lines == FLOWS[flow]


def test_of_several_brokers_the_bad_one_is_told(tmp_path: Path) -> None:
    second = "{url: mqtt://x, topic: +, sparkplug: {group: a/b, node: n}}"
    text = f"{SITE}{EMPTY}mqtt:\n  - url: mqtt://localhost\n  - {second}\n"
    assert found(tmp_path, text) == [
        (
            'error 5:28: mqtt.1.topic: "+" cannot begin a topic. '
            "Write plain levels, as in meterd or site/power."
        ),
        (
            'error 5:50: mqtt.1.sparkplug.group: "a/b" is no Sparkplug id. '
            "Write a word without / + and #."
        ),
    ]
