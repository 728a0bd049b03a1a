"""What may be written about a broker, and what may not."""

from __future__ import annotations

from typing import Any

import pytest

from meterd.sinks.mqtt_options import MqttOptions


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": "http://me:s3cret@broker"}, "write mqtt://host or mqtts://host:port"),
        ({"url": "mqtt://"}, "names no broker"),
        ({"url": "broker:1883"}, "names no broker"),
        ({"url": "mqtt://me:s3cret@broker"}, "use mqtts://"),
        ({"url": "mqtt://broker", "username": "me", "password": "s3cret"}, "use mqtts://"),
        ({"url": "mqtts://broker", "password": "s3cret"}, "without a `username`"),
    ],
)
def test_what_is_wrong_or_unsafe_is_refused_with_a_remedy(
    options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")) as caught:
        MqttOptions(site="hq", **options)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"url": "mqtt://broker"}, ("broker", 1883)),
        ({"url": "mqtt://broker:2883"}, ("broker", 2883)),
        ({"url": "mqtt://[::1]:2883"}, ("::1", 2883)),
        ({"url": "mqtts://broker"}, ("broker", 8883)),
    ],
)
def test_the_port_follows_the_scheme(options: dict[str, Any], where: tuple[str, int]) -> None:
    peer = MqttOptions(site="hq", **options).peer()
    assert (peer.host, peer.port) == where
    assert (peer.tls is not None) == options["url"].startswith("mqtts")


@pytest.mark.parametrize(
    ("options", "login"),
    [
        ({"url": "mqtt://broker"}, (None, None)),
        ({"url": "mqtts://me:p%40ss@broker"}, ("me", "p@ss")),
        ({"url": "mqtts://broker", "username": "me", "password": "x"}, ("me", "x")),
        ({"url": "mqtt://broker", "username": "me"}, ("me", None)),
        ({"url": "mqtt://127.0.0.1", "username": "me", "password": "x"}, ("me", "x")),
        ({"url": "mqtt://me:x@localhost"}, ("me", "x")),
    ],
)
def test_the_login_is_in_the_url_or_in_its_own_keys(
    options: dict[str, Any], login: tuple[str | None, str | None]
) -> None:
    peer = MqttOptions(site="hq", **options).peer()
    assert (peer.username, peer.password) == login


def test_the_client_id_is_the_same_after_every_restart() -> None:
    options = MqttOptions(url="mqtt://broker", site="hq", topic="plant/meterd")
    assert options.peer().client_id == "meterd-plant-meterd-hq"
    assert MqttOptions(url="mqtt://b", site="hq", client_id="x").peer().client_id == "x"


def test_a_password_is_never_printed() -> None:
    options = MqttOptions(url="mqtt://me:s3cret@broker", site="hq", allow_plaintext=True)
    assert options.peer().password == "s3cret"
    assert "s3cret" not in f"{options!r} {options} {options.peer()!r}"
