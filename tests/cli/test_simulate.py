"""`simulate`: a profile served as a device, and what is said of words that make none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.cli.shell import Shell
from tests.sinks.peers import free_port

WRONG = {
    ("--listen", "nowhere"): "write HOST:PORT",
    ("--listen", "127.0.0.1:99999"): "write HOST:PORT",
    ("--units", "0"): "write ids from 1 to 247",
    ("--units", "1,x"): "write ids from 1 to 247",
}


@pytest.mark.parametrize(("words", "said"), WRONG.items())
def test_words_that_make_no_device(words: tuple[str, str], said: str, shell: Shell) -> None:
    assert said in shell.run("simulate", "abb/b23", *words, code=2).err


def test_an_address_that_is_not_ours_is_said(shell: Shell) -> None:
    done = shell.run("simulate", "abb/b23", "--listen", "203.0.113.1:5020", code=1)
    assert "cannot listen on 203.0.113.1:5020" in done.err


def test_an_agent_of_snmp_is_served_and_says_how_to_read_it(shell: Shell) -> None:
    words = ("--listen", "127.0.0.1:0", "--community", "secret", "--seconds", "0.01")
    out = shell.run("simulate", "apc/rpdu2", *words).out
    assert "apc/rpdu2 answers on 127.0.0.1:" in out
    said = yaml.safe_load(out.partition("\n")[2])
    (meter,) = said["meters"]
    assert (meter["profile"], said["connections"]["sim"]["community"]) == ("apc/rpdu2", "secret")
    assert "write HOST:PORT" in shell.run("simulate", "apc/ups", "--listen", "x", code=2).err


def test_it_says_how_to_read_it_and_ends_by_itself(shell: Shell) -> None:
    words = ("--listen", "127.0.0.1:0", "--units", "1,2", "--seconds", "0.01")
    out = shell.run("simulate", "abb/b23", *words).out
    assert "abb/b23 answers on 127.0.0.1:" in out
    assert "{name: sim-2, connection: sim, address: 2, profile: abb/b23}" in out


CONTROLLER = """
make: Acme
model: CTL
source: by hand
protocol: bacnet
points: {active_power: {object: "OBJECT"}}
"""


def controller(folder: Path, what: str = "analog-input,3") -> str:
    """A profile of BACnet."""
    path = folder / "controller.yaml"
    path.write_text(CONTROLLER.replace("OBJECT", what))
    return str(path)


def test_a_profile_of_bacnet_is_a_device_too(shell: Shell, tmp_path: Path) -> None:
    words = ("--listen", f"127.0.0.1:{free_port()}", "--units", "77", "--seconds", "0.01")
    out = shell.run("simulate", controller(tmp_path), *words).out
    assert ", instance 77; Ctrl-C ends it." in out
    assert "{name: sim-1, connection: sim, address: " in out


UNMADE = {
    ("analog-input,3", "--units", "x"): ("it is a device instance", 2),
    ("binary-input,3",): ("active_power: binary-input,3 is not served", 1),
    ("analog-input,3", "--listen", "203.0.113.1:5020"): ("cannot listen on 203.0.113.1", 1),
}


@pytest.mark.parametrize("words", UNMADE, ids=" ".join)
def test_what_makes_no_controller(words: tuple[str, ...], shell: Shell, tmp_path: Path) -> None:
    what, *more = words
    said, code = UNMADE[words]
    assert said in shell.run("simulate", controller(tmp_path, what), *more, code=code).err
