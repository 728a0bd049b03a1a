"""A wrong is put into the modules of this process: one function's code, or one constant."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.laws.mutation import Point, mutated


def exchange(path: Path, point: Point) -> None:
    """Put it into the modules of this process."""
    tree = mutated(path.read_text(), point.place)
    code = compile(tree, str(path), "exec")
    if not point.begin:
        _exchange_constants(path, code)
        return
    new = next(one for one in _codes(code) if one.co_firstlineno == point.begin)
    for one in _functions(vars(sys.modules[_module(path)]), str(path)):
        if one.__code__.co_firstlineno == point.begin:
            one.__code__ = new


def _module(path: Path) -> str:
    return ".".join(path.relative_to(Path.cwd() / "src").with_suffix("").parts)


def _functions(names: Mapping[str, Any], file: str) -> Iterator[FunctionType]:
    """The functions of a module, and the methods of its classes."""
    for one in names.values():
        if isinstance(one, type) and one.__module__ == names.get("__name__"):
            yield from _functions({**vars(one), "__name__": one.__module__}, file)
        for found in (
            one,
            *(getattr(one, how, None) for how in ("__func__", "fget", "__wrapped__")),
        ):
            if isinstance(found, FunctionType) and found.__code__.co_filename == file:
                yield found


def _codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)


def _exchange_constants(path: Path, code: CodeType) -> None:
    """Every module that has taken a constant over has its new value."""
    old = sys.modules[_module(path)]
    fresh: dict[str, Any] = {**vars(old)}
    exec(code, fresh)  # the module's own text, with one number changed
    for key, value in fresh.items():
        if isinstance(value, int | tuple | dict | frozenset) and vars(old).get(key) != value:
            before = vars(old).get(key)
            for module in list(sys.modules.values()):
                if key in getattr(module, "__dict__", {}) and module.__dict__[key] is before:
                    setattr(module, key, value)
