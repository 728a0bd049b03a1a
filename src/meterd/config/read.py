"""The walk from a YAML tree to the structs of `models.py`, noting every mistake on its way.

The structs are the grammar: their fields are the keys, and nothing else is allowed. One
mistake never hides another: each key is read by itself, a bad value leaves its field at the
default (the file is refused anyway), and a required one gets a stand-in, so that the rest
can be checked.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from meterd.config import yaml
from meterd.config.findings import Path
from meterd.config.report import MAX_CHOICES, Report
from meterd.config.secret import Secret
from meterd.config.single import BAD, Read, choice, misplaced, secret, single


def read(kind: Any, report: Report) -> Any:
    """The struct of the report's document; what is wrong with it is in the report.

    A document that is no mapping yields a stand-in.
    """
    return _reader(kind)(report.root, (), report)


@cache
def _reader(kind: Any) -> Read:
    """How a value of this type is read."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return single(args[0], args[1])
    if origin in {Union, types.UnionType}:
        return _union(args)
    if origin is Literal:
        return choice(args)
    if origin is tuple:
        return _list(_reader(args[0]))
    if origin is dict:
        return _table(_reader(args[1]))
    if kind is Any:
        return lambda node, _path, _report: yaml.plain(node)
    if _is_struct(kind):
        return _struct(kind)
    return secret(kind) if issubclass(kind, Secret) else single(kind)


def _list(item: Read) -> Read:
    def read_list(node: yaml.Node, path: Path, report: Report) -> Any:
        if _is_null(node):
            return ()
        if not isinstance(node, yaml.Sequence):
            return misplaced(node, path, report, "a list")
        made = [item(child, (*path, index), report) for index, child in enumerate(node.items)]
        return tuple(value for value in made if value is not BAD)

    return read_list


def _table(item: Read) -> Read:
    def read_table(node: yaml.Node, path: Path, report: Report) -> Any:
        if _is_null(node):
            return {}
        if not isinstance(node, yaml.Mapping):
            return misplaced(node, path, report, "a mapping")
        made = {key: item(child, (*path, key), report) for key, child in node.entries.items()}
        return {key: value for key, value in made.items() if value is not BAD}

    return read_table


def _struct(kind: type[msgspec.Struct]) -> Read:
    fields = msgspec.structs.fields(kind)
    readers = {field.encode_name: (field.name, _reader(field.type)) for field in fields}
    required = [field for field in fields if field.required]
    keys, tag = tuple(readers), _tag_field(kind)
    otherwise = "`meterd check --schema` lists the keys." if len(keys) > MAX_CHOICES else ""

    def read_struct(node: yaml.Node, path: Path, report: Report) -> Any:
        if not isinstance(node, yaml.Mapping):
            misplaced(node, path, report, "a mapping")
            return _blank(kind)
        made: dict[str, Any] = {}
        for key, child in node.entries.items():
            if key in readers:
                name, reader = readers[key]
                if (value := reader(child, (*path, key), report)) is not BAD:
                    made[name] = value
            elif key != tag:
                remedy = report.guess(key, keys, otherwise)
                report.error((*path, key), f'no key "{key}" belongs here', remedy, key=True)
        for field in required:
            if field.name not in made:
                key = field.encode_name
                if key not in node.entries:
                    report.error((*path, key), "the key is missing", f"Write {key}: here.")
                made[field.name] = _blank(field.type)
        return BAD if any(value is BAD for value in made.values()) else kind(**made)

    return read_struct


def _blank(kind: Any) -> Any:
    """A stand-in for a required value that was bad, or BAD where none is harmless."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if kind is str or get_origin(kind) in {tuple, dict}:
        return (get_origin(kind) or kind)()
    if not _is_struct(kind):
        return BAD
    needed = [field for field in msgspec.structs.fields(kind) if field.required]
    made = {field.name: _blank(field.type) for field in needed}
    return BAD if any(value is BAD for value in made.values()) else kind(**made)


def _union(members: tuple[Any, ...]) -> Read:
    """Of several types, the first that takes this kind of node; of structs, by their tag."""
    if tag := _tag_field(members[0]):
        return _tagged(tag, {str(m.__struct_config__.tag): _reader(m) for m in members})
    optional = type(None) in members
    kinds = [member for member in members if member is not type(None)]
    readers = [_reader(kind) for kind in kinds]

    def read_union(node: yaml.Node, path: Path, report: Report) -> Any:
        if optional and _is_null(node):
            return None
        taken = (r for kind, r in zip(kinds, readers, strict=True) if _takes(kind, node))
        return next(taken, readers[0])(node, path, report)

    return read_union


def _takes(kind: Any, node: yaml.Node) -> bool:
    """Whether a node has the shape of a type."""
    if get_origin(kind) is tuple:
        return isinstance(node, yaml.Sequence) or _is_null(node)
    if _is_struct(kind):
        return isinstance(node, yaml.Mapping)
    return isinstance(node, yaml.Scalar) and (kind is not int or isinstance(node.value, int))


def _tagged(field: str, readers: dict[str, Read]) -> Read:
    choose = choice(tuple(readers))

    def read_tagged(node: yaml.Node, path: Path, report: Report) -> Any:
        if not isinstance(node, yaml.Mapping):
            return misplaced(node, path, report, "a mapping")
        if field not in node.entries:
            remedy = f"Write {field}: with one of {', '.join(sorted(readers))}."
            report.error((*path, field), "the key is missing", remedy)
            return BAD
        tag = choose(node.entries[field], (*path, field), report)
        return BAD if tag is BAD else readers[tag](node, path, report)

    return read_tagged


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.Scalar) and node.value is None


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _tag_field(kind: Any) -> str:
    return str(kind.__struct_config__.tag_field or "") if _is_struct(kind) else ""
