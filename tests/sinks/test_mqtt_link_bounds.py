"""What a broker may send us at all."""

from __future__ import annotations

from tests.sinks.test_mqtt_link import nothing, puppet, willing

from meterd.sinks.mqtt_link import PACKET_MAX, connect


async def test_a_broker_is_told_how_much_it_may_bring_us() -> None:
    asked: list[bytes] = []

    def listening(kind: int, body: bytes) -> bytes | None:
        asked.append(body)
        return willing()(kind, body)

    async with puppet(listening) as broker:
        link = await connect(broker.peer(), nothing)
        await link.close()
    assert b"\x27" + PACKET_MAX.to_bytes(4, "big") in asked[0]  # MQTT 5.0, 3.1.2.11.4
