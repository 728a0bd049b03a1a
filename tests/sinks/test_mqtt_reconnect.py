"""When to try again; that it does, and that it ends, is in test_mqtt_courier.py."""

from __future__ import annotations

from meterd.sinks.mqtt_reconnect import backoff_ms


def test_backoff_grows_from_one_second_to_ten() -> None:
    assert [backoff_ms(n, 0.0) for n in (1, 2, 3, 6, 60)] == [1000, 2000, 4000, 5000, 5000]
    assert [backoff_ms(n, 1.0) for n in (1, 2, 3, 6, 60)] == [2000, 4000, 8000, 10_000, 10_000]
