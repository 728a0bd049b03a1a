"""Home Assistant, as far as MQTT goes, beside the real daemon and a real broker."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

import pytest
from tests.sinks.home_assistant_rules import House, devices
from tests.sinks.peers import Broker, Message, Subscriber
from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.peers import until

DEVICES = ["meterd_hq", "meterd_hq_bill_tenant", "meterd_hq_meter_main", "meterd_hq_meter_second"]
BIRTHS = "homeassistant/status"
RELOADED = "Configuration reloaded."


@pytest.fixture
async def home_with_broker(
    home: Home, device: Callable[..., Awaitable[Device]], broker: Broker, witness: Subscriber
) -> Home:
    """Two meters, a bill, a broker that keeps nothing on disk and a witness."""
    home.add("hall", await device(main=Dial(), second=Dial()))
    home.add_bill("tenant", allowance=5000)
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}", "home_assistant": {}}
    await broker.start()
    await witness.start()
    return home


def kept(messages: list[Message]) -> dict[str, str]:
    """What a broker keeps after these, by topic."""
    return {message.topic: message.text for message in messages}


def announced(messages: list[Message]) -> list[str]:
    return sorted(name for name, _entities in devices(kept(messages)))


def told(witness: Subscriber) -> int:
    """How many discovery messages have been heard."""
    return len(witness.on("/config"))


async def settled(witness: Subscriber, begin: int = 0) -> list[Message]:
    """Wait until both meters are on line and the bill is told; what was heard from `begin` on."""

    def so() -> bool:
        now = kept(witness.heard[begin:])
        online = (now.get(f"meterd/hq/meters/{name}/availability") for name in ("main", "second"))
        return "meterd/hq/bills/tenant/period" in now and {*online} == {"online"}

    await witness.until(so)
    return witness.heard[begin:]


def later(witness: Subscriber, begin: int, topic: str) -> list[Message]:
    return [message for message in witness.heard[begin:] if message.topic.endswith(topic)]


def expect_in_order(messages: list[Message]) -> None:
    """Every device before its state, every state before its availability."""
    first = {message.topic: at for at, message in reversed([*enumerate(messages)])}
    online = [at for at, m in enumerate(messages) if m.topic.endswith("main/availability")]
    told_first = first["homeassistant/device/meterd_hq_meter_main/config"]
    assert told_first < first["meterd/hq/meters/main/state"]
    assert told_first < online[0]
    came = next(at for at in online if messages[at].text == "online")
    assert first["meterd/hq/meters/main/state"] < came
    bill = first["homeassistant/device/meterd_hq_bill_tenant/config"]
    assert bill < first["meterd/hq/bills/tenant/period"]


async def test_everything_is_announced_by_home_assistants_rules_and_nothing_is_unknown(
    home_with_broker: Home, witness: Subscriber
) -> None:
    await home_with_broker.run()
    heard = await settled(witness)
    expect_in_order(heard)
    assert announced(heard) == DEVICES
    house, now = House(), kept(witness.heard)
    shown = {
        f"{name}/{key}": house.shows(entity, now)
        for name, entities in devices(now)
        for key, entity in entities.items()
    }
    assert "unknown" not in shown.values(), shown
    assert "0" not in (shown["meterd_hq_meter_main/energy_import"], shown["meterd_hq/version"])
    assert float(shown["meterd_hq_meter_main/energy_import"]) >= 123.456
    assert float(shown["meterd_hq_meter_main/active_power"]) == pytest.approx(360)
    assert shown["meterd_hq/status"] == "online"
    assert shown["meterd_hq_meter_main/alarms"] == "OFF"


async def test_a_restarted_daemon_announces_nothing_twice_to_a_broker_that_remembers(
    home_with_broker: Home, witness: Subscriber
) -> None:
    daemon = await home_with_broker.run()
    await settled(witness)
    before = told(witness)
    assert await daemon.end() == 0
    begin = len(witness.heard)
    await home_with_broker.run()
    await settled(witness, begin)
    assert (before, told(witness)) == (len(DEVICES), len(DEVICES))


async def test_a_broker_that_forgot_and_a_birth_have_it_all_told_again_in_order(
    home_with_broker: Home, broker: Broker, witness: Subscriber
) -> None:
    daemon = await home_with_broker.run()
    await settled(witness)
    begin = len(witness.heard)
    await broker.kill()
    await broker.start()
    await witness.subscribes(2)
    await daemon.logs("MQTT broker connected.", 2)
    heard = await settled(witness, begin)
    expect_in_order(heard)
    assert announced(heard) == DEVICES
    begin = len(witness.heard)
    async with asyncio.timeout(10):
        await publish(broker, BIRTHS, "online")
        await witness.until(lambda: told(witness) == 3 * len(DEVICES))
    heard = await settled(witness, begin)
    assert announced(heard) == DEVICES


async def test_what_leaves_while_running_or_between_runs_leaves_home_assistant(
    home_with_broker: Home, witness: Subscriber
) -> None:
    home = home_with_broker
    daemon = await home.run()
    await settled(witness)
    second = home.config["meters"].pop()
    await reload(home)
    gone = "meterd_hq_meter_second/config"
    await witness.until(lambda: witness.on(gone)[-1].text == "")
    await witness.until(lambda: witness.on("second/state")[-1].text == "")
    emptied = [message.topic for message in witness.heard if message.text == ""]
    assert emptied[0].endswith(gone)
    home.config["meters"].append(second)
    begin = len(witness.heard)
    await reload(home)
    await witness.until(lambda: bool(later(witness, begin, "second/state")))
    came = [m.topic.split("/")[-2:] for m in witness.heard[begin:] if "second" in m.topic]
    assert came[0] == ["meterd_hq_meter_second", "config"]
    assert told(witness) == len(DEVICES) + 2, "the others are not told again"
    assert await daemon.end() == 0
    home.config["bills"].clear()
    del home.config["mqtt"]["home_assistant"]
    await home.run()
    await until(lambda: announced(witness.heard) == [])


async def reload(home: Home) -> None:
    """As `systemctl reload` does."""
    home.write()
    before = len(home.daemon.logged(RELOADED))
    assert home.daemon.process is not None
    home.daemon.process.send_signal(signal.SIGHUP)
    await home.daemon.logs(RELOADED, before + 1)


async def publish(broker: Broker, topic: str, text: str) -> None:
    """As Home Assistant does."""
    process = await asyncio.create_subprocess_exec(
        "mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", topic, "-m", text
    )
    assert await process.wait() == 0
