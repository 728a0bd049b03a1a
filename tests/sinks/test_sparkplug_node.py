"""A node's life: births, data, deaths, as a day of messages."""

from __future__ import annotations

import msgspec
from tests.sinks.sparkplug_proto import command, read

from meterd.sinks.sparkplug_node import Node, PrimaryHost, Said
from meterd.specs import MeterSpec
from meterd.views import MeterView

NOW_MS = 1_767_268_800_000
SPEC = MeterSpec("main", units={"active_power": "kW"})


def view(online: bool = True, at_ms: int | None = NOW_MS, **quantities: float) -> MeterView:
    return MeterView("main", online, at_ms, "good", {}, quantities, {}, {})


def node() -> Node:
    one = Node("plant", "hq", "1.2")
    one.connect()
    one.birth(NOW_MS)
    return one


def told(said: Said | None) -> tuple[str, int, dict[object, object]]:
    """(topic, seq, name or alias -> value, None for null)."""
    assert said is not None
    body = read(said.payload)
    metrics = {}
    for metric in body.metrics:
        values = ("double_value", "string_value", "long_value", "boolean_value")
        known = [getattr(metric, field) for field in values if metric.HasField(field)]
        assert bool(metric.is_null) == (not known)
        metrics[metric.name or metric.alias] = known[0] if known else None
    return said.topic, body.seq, metrics


def test_the_node_is_born_with_the_number_of_its_death() -> None:
    one = Node("plant", "hq", "1.2")
    for number in (*range(256), 0):
        one.connect()
        death, birth = one.death(NOW_MS), one.birth(NOW_MS)
        assert told(death)[2] == {"bdSeq": number}
        assert told(birth) == (
            "spBv1.0/plant/NBIRTH/hq",
            0,
            {
                "bdSeq": number,
                "Node Control/Rebirth": False,
                "Properties/Software": "meterd",
                "Properties/Version": "1.2",
            },
        )
    assert death.topic == "spBv1.0/plant/NDEATH/hq"


def test_a_meter_is_born_then_tells_what_changes_then_dies() -> None:
    one = node()
    born = told(one.device(view(active_power=1.0, frequency=50.0), SPEC, NOW_MS))
    names = {"quality": "good", "active_power": 1.0, "frequency": 50.0}
    assert born == ("spBv1.0/plant/DBIRTH/hq/main", 1, names)
    changed = told(one.device(view(active_power=2.0, frequency=50.0), SPEC, NOW_MS))
    assert changed == ("spBv1.0/plant/DDATA/hq/main", 2, {2: 2.0})
    assert one.device(view(active_power=2.0, frequency=50.0), SPEC, NOW_MS) is None
    assert told(one.device(view(active_power=2.0), SPEC, NOW_MS))[2] == {3: None}
    assert told(one.device(view(online=False), SPEC, NOW_MS)) == (
        "spBv1.0/plant/DDEATH/hq/main",
        4,
        {},
    )
    assert one.device(view(online=False), SPEC, NOW_MS) is None
    assert one.device(view(at_ms=None), SPEC, NOW_MS) is None


def test_a_meter_that_turns_out_to_read_more_is_born_again() -> None:
    one = node()
    one.device(view(active_power=1.0, current=4.0), SPEC, NOW_MS)
    again = told(one.device(view(active_power=1.0, voltage=230.0), SPEC, NOW_MS))
    assert again[0] == "spBv1.0/plant/DBIRTH/hq/main"
    assert again[2] == {"quality": "good", "active_power": 1.0, "current": None, "voltage": 230.0}
    assert told(one.device(view(active_power=1.0, current=5.0), SPEC, NOW_MS))[2] == {
        3: 5.0,
        4: None,
    }


def test_numbers_go_round_after_255() -> None:
    one = node()
    seqs = [told(one.device(view(active_power=float(n)), SPEC, NOW_MS))[1] for n in range(1, 257)]
    assert seqs == [*range(1, 256), 0]


def test_only_a_rebirth_is_obeyed() -> None:
    one = node()
    topic, wish = "spBv1.0/plant/NCMD/hq", command("Node Control/Rebirth", True)
    assert one.is_rebirth(topic, wish)
    assert not one.is_rebirth("spBv1.0/plant/NCMD/other", wish)
    assert not one.is_rebirth(topic, command("Node Control/Rebirth", False))
    assert not one.is_rebirth(topic, command("Node Control/Reboot", True))
    assert not one.is_rebirth(topic, b"\x12\x7f")


def test_the_primary_host_counts_by_the_newest_of_its_states() -> None:
    assert PrimaryHost("").online
    host = PrimaryHost("scada")

    def says(online: bool, timestamp: int, topic: str = "spBv1.0/STATE/scada") -> bool:
        state = {"online": online, "timestamp": timestamp}
        host.hear(topic, msgspec.json.encode(state))
        return host.online

    assert not host.online
    assert not says(True, 5, "spBv1.0/STATE/other")
    assert says(True, 5)
    assert says(False, 4)
    assert not says(False, 6)
    assert says(True, 7)
    assert says_nonsense(host)
    host.connect()
    assert says_nonsense(host) is False


def says_nonsense(host: PrimaryHost) -> bool:
    host.hear(host.topic, b"online")
    return host.online
