"""The command itself: its help, its exit codes, and what it does when nobody listens."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from importlib import metadata
from pathlib import Path

import pytest
from tests.cli.shell import Shell

import meterd.cli
from meterd.__main__ import HIDDEN, VERBS, _module, main

EXIT_CODES = "0 done, 1 a finding, 2 usage, 75 busy, 78 configuration"


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("help",)])
def test_help_names_every_verb_and_every_exit_code(shell: Shell, words: tuple[str, ...]) -> None:
    said = shell.run(*words).out
    for verb in VERBS:
        assert (f"\n  {verb} " in said) == (verb not in HIDDEN)
    assert EXIT_CODES in said


def test_without_a_verb_the_help_is_wrong_usage(shell: Shell) -> None:
    assert EXIT_CODES in shell.run(code=2).out


def test_the_version_is_the_packages(shell: Shell) -> None:
    assert shell.run("--version").out == f"meterd {metadata.version('meterd')}\n"


def test_an_unknown_verb_is_wrong_usage(shell: Shell) -> None:
    done = shell.run("metres", code=2)
    assert "no verb 'metres'" in done.err
    assert done.out == ""


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"meterd {verb}" in said
    assert "--config" in said
    assert (_module(verb).__doc__ or "").splitlines()[0] in said


def test_every_verb_that_is_written_can_be_called() -> None:
    """A verb is a module with `arguments` and `run`; nothing else here has both."""
    written = set()
    for path in Path(str(meterd.cli.__file__)).parent.glob("[a-z]*.py"):
        module = importlib.import_module(f"meterd.cli.{path.stem}")
        if hasattr(module, "arguments") and hasattr(module, "run"):
            written.add(path.stem.removesuffix("_"))
            module.arguments(argparse.ArgumentParser())
    assert written == set(VERBS)


@pytest.mark.parametrize("words", [("intervals",), ("events", "--colour"), ("read",)])
def test_wrong_options_are_wrong_usage(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"usage: meterd {words[0]}")


def test_the_words_are_those_of_the_process(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["meterd", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("meterd ")


def test_a_reader_that_has_gone_is_no_error(told: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    reading_end, writing_end = os.pipe()
    os.close(reading_end)
    with os.fdopen(writing_end, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["meters", "-c", str(told.file), "--json"]) == 0


class Impatient:
    """Standard input of somebody who presses Ctrl-C."""

    @property
    def buffer(self) -> Impatient:
        return self

    def read(self, _size: int) -> bytes:
        raise KeyboardInterrupt


def test_ctrl_c_is_no_traceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.write()
    monkeypatch.setattr(sys, "stdin", Impatient())
    shell.on("replay", "--readings", "-", code=130)
