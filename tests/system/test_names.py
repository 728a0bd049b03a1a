"""J12: a name makes one level of a topic and one value of a label, whatever it is.

Names that are no names are refused with the file; those that are let in reach a real broker,
whose topics are those of the configuration and no others.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
import yaml
from tests.config.written import loaded
from tests.sinks.peers import Broker, Subscriber
from tests.system.devices import Device, Dial
from tests.system.home import Home

HOSTILE = (
    "a/b", "a+", "+", "#", "a#", "$SYS", "", " ", "a b", "a\nb", 'a"b', "a\\", "a\0b", "../x", ".",
    "-x", "a\u202eb", "é", "${env:HOME}", "<b>", "a{b}",
)  # fmt: skip
PLACES = (("site", "name"), ("meters", "name"), ("bills", "name"), ("mqtt", "topic"))


def written(home: Home, place: tuple[str, str], name: str) -> str:
    """The site with a name in a place where one can be."""
    home.config["mqtt"] = {"url": "mqtt://127.0.0.1:1"}
    section = home.config[place[0]]
    (section[0] if isinstance(section, list) else section)[place[1]] = name
    return yaml.safe_dump(home.config, allow_unicode=True)


@pytest.mark.parametrize("place", PLACES, ids=[".".join(place) for place in PLACES])
def test_j12_what_is_no_name_is_refused_with_the_file(home: Home, place: tuple[str, str]) -> None:
    home.config["connections"]["api"] = {"protocol": "push"}
    home.config["meters"] = [{"name": "main", "connection": "api"}]
    home.add_bill("tenant")
    let_in = [name for name in HOSTILE if loaded(home.folder, written(home, place, name)).config]
    if place == ("mqtt", "topic"):  # a topic has levels, and no more
        assert not [name for name in let_in if re.search("[+#$\0\n]", name)]
    else:
        assert let_in == []


async def test_j12_a_broker_hears_of_the_configured_names_alone(
    home: Home, device: Callable[..., Awaitable[Device]], broker: Broker, witness: Subscriber
) -> None:
    names = ("a.b-c_D", "9", "x" * 64)
    home.add("hall", await device(**dict.fromkeys(names, Dial())))
    home.add_bill("A.1", names[0])
    home.add_record("Line 1 of 2", names[0])
    home.config["mqtt"] = {"url": f"mqtt://127.0.0.1:{broker.port}", "topic": "plant/north"}
    await broker.start()
    await witness.start()
    await home.run()
    for name in names:
        await witness.until(lambda: bool(witness.on(f"meters/{name}/state")))  # noqa: B023
    await home.verb("cutover", "Line 1 of 2")
    await witness.until(lambda: bool(witness.on("records/Line 1 of 2")))
    levels = {message.topic.removeprefix("plant/north/hq/") for message in witness.heard}
    heard = {"/".join(topic.split("/")[:2]) for topic in levels}
    meters = {f"meters/{name}" for name in names}
    assert heard <= {"status", "events", "bills/A.1", "records/Line 1 of 2", *meters}
    assert meters <= heard
