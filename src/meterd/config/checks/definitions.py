"""The POWERMETER definition: changes that can be made, and meters that fit what comes of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from meterd.config.checks.survey import Survey
from meterd.config.definitions import CHANGES, DefinitionConfig, FieldConfig, RetypeConfig, retyped
from meterd.config.field_values import kept
from meterd.config.fields import SHIPPED, fields_of, snake
from meterd.config.findings import Path
from meterd.config.meters import MeterConfig
from meterd.config.places import KINDS
from meterd.config.report import Report
from meterd.config.seed import general
from meterd.config.values import WrongValueError
from meterd.metering.powermeter import ESTIMATED_NEUTRAL
from meterd.shapes.definition import converted
from meterd.specs import FieldSpec

HERE: Final[Path] = ("definitions", "POWERMETER")
RESERVED: Final = frozenset(
    {"id", "entity", "level", "comboKey", "origin", "custom", "availability", "quality"}
    | {"quantities", "totals", "unbilled", "alarms", ESTIMATED_NEUTRAL}
    | {*MeterConfig.__struct_fields__}
)
"""What an object says beside its fields, and our own keys of a meter."""
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_NAME: Final = "name"
"""The field by which a meter is known, which nobody changes."""


def check_definitions(survey: Survey) -> None:
    """The changes, then what the file's meters have to say to them."""
    changes = survey.config.definitions.powermeter
    report = survey.report
    known = [*SHIPPED, *changes.add]
    _check_added(report, changes)
    _check_named(report, changes, known)
    _check_renamed(report, changes, known)
    for source, change in changes.retype.items():
        path: Path = (*HERE, "retype", source)
        if source in known:
            _check_type(report, path, retyped(change))
            _check_change(report, path, source, changes)
    if not report.broken(*HERE):
        check_fields(survey)
        _check_required(survey, changes)


def _check_added(report: Report, changes: DefinitionConfig) -> None:
    for code, field in changes.add.items():
        path: Path = (*HERE, "add", code)
        if code in SHIPPED:
            report.error(path, f'"{code}" is a field already', "Use rename: or retype:.", key=True)
        _check_code(report, path, code)
        _check_type(report, path, field)


def _check_code(report: Report, path: Path, code: str) -> None:
    if not _CODE.fullmatch(code):
        remedy = "Use up to 64 letters, digits and _, a letter first."
        report.error(path, f'"{code}" is no name of a field', remedy)
    elif code in RESERVED - SHIPPED.keys():
        report.error(path, f'"{code}" means something else in an object', "Choose another name.")


def _check_type(report: Report, path: Path, field: FieldConfig | RetypeConfig) -> None:
    """An enumeration has options, and nothing else has; a reference may say what it is to."""
    if field.type == "enum" and not field.options and not report.broken(*path):
        report.error(path, "an enumeration needs options", "Write options: [ONE, OTHER].")
    if field.type != "enum" and field.options:
        report.error((*path, "options"), f"a {field.type} has no options", "Write type: enum.")
    if field.type != "reference" and field.to is not None:
        report.error((*path, "to"), f"a {field.type} refers to nothing", "Write type: reference.")
    for index, option in enumerate(field.options):
        if option in field.options[:index]:
            report.error((*path, "options", index), f'"{option}" is there twice', "Keep one.")


def _check_named(report: Report, changes: DefinitionConfig, known: Collection[str]) -> None:
    """Every field that is to be changed is there, is changed once, and can be."""
    lists = {key: getattr(changes, key) for key in ("remove", "require", "optional")}
    named = [
        ((*HERE, key, index), key, source)
        for key, sources in lists.items()
        for index, source in enumerate(sources)
    ]
    named += [((*HERE, "rename", source), "rename", source) for source in changes.rename]
    named += [((*HERE, "retype", source), "retype", source) for source in changes.retype]
    for path, key, source in named:
        if source not in known:
            remedy = report.guess(source, known, "Name it as it is shipped or added.")
            report.error(path, f'no field "{source}"', remedy, key=key in {"rename", "retype"})
        elif source == _NAME and key != "require":
            report.error(path, "a meter is known by its name", "Leave this field as it is.")
        elif key != "remove" and source in changes.remove:
            report.error(path, f'"{source}" is removed above', "Drop one of the two.")
        elif key == "require" and source in SHIPPED and SHIPPED[source].readonly:
            report.error(path, f'"{source}" is read-only: it is measured', "Nobody could write it.")
        elif key == "optional" and source in changes.require:
            report.error(path, f'"{source}" is required as well', "Drop one of the two.")


def _check_renamed(report: Report, changes: DefinitionConfig, known: Collection[str]) -> None:
    taken = {source for source in known if source not in {*changes.remove, *changes.rename}}
    for source, code in changes.rename.items():
        path: Path = (*HERE, "rename", source)
        _check_code(report, path, code)
        if code in taken:
            report.error(path, f'"{code}" is the name of another field', "Names are unique.")
        taken.add(code)


def _check_change(report: Report, path: Path, source: str, changes: DefinitionConfig) -> None:
    was = SHIPPED[source].type if source in SHIPPED else changes.add[source].type
    new = retyped(changes.retype[source]).type
    if source in changes.add:
        report.error(path, f'"{source}" is added here', "Give it this type there.")
    elif new not in CHANGES[was]:
        remedy = f"It can be {' or '.join(sorted(CHANGES[was]))}."
        report.error(path, f"a {was} cannot become a {new}", remedy)


# -- what the meters say ------------------------------------------------------------------


def check_fields(survey: Survey) -> None:
    """What every meter says in its own fields and in those that have another type now."""
    fields = fields_of(survey.config.definitions.powermeter)
    added = {field.source: field for field in fields if field.added}
    changed = [field for field in fields if field.was and not field.readonly]
    for index, meter in enumerate(survey.config.meters):
        path: Path = ("meters", index)
        for source, value in meter.custom.items():
            where: Path = (*path, "custom", source)
            if source not in added:
                remedy = survey.report.guess(source, added, "Add it under definitions:.")
                survey.report.error(where, f'no field "{source}"', remedy, key=True)
            else:
                _check_own(survey, where, added[source], value)
        values = _general(survey, meter) if changed else {}
        for field in changed:
            value = values.get(field.source)
            if value is not None and converted(field, value) is None:
                message = f'"{value}" is no {field.type}, which the definition asks for'
                survey.report.error((*path, snake(field.source)), message, "Correct one of them.")


def _check_own(survey: Survey, path: Path, field: FieldSpec, value: Any) -> None:
    try:
        name = kept(field, value)
    except WrongValueError as wrong:
        survey.report.error(path, f"the value {wrong}", wrong.remedy)
        return
    kind = field.target.lower()
    if field.type == "reference" and kind in KINDS:
        listed = survey.config.places.of(kind)
        if listed and name not in listed:
            survey.report.error(path, f'no {kind} "{name}"', survey.report.guess(name, listed))


def _check_required(survey: Survey, changes: DefinitionConfig) -> None:
    """What the site itself requires; the seed's own requirements are the API's alone."""
    asked = {*changes.require, *changes.add}
    wanted = [f.source for f in fields_of(changes) if f.required and f.source in asked]
    for index, meter in enumerate(survey.config.meters):
        values = _general(survey, meter) | meter.custom if wanted else {}
        for source in wanted:
            if source not in values and not survey.report.broken("meters", index):
                key = snake(source) if source in SHIPPED else f"custom: {{{source}: ...}}"
                message = f"{meter.name} lacks {source}, which the definition requires"
                survey.report.error(("meters", index), message, f"Write {key}.")


def _general(survey: Survey, meter: MeterConfig) -> dict[str, Any]:
    return general(meter, survey.link(meter), survey.config.site)
