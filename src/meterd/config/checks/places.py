"""Places: each that is named is listed, and no two of them contradict each other."""

from __future__ import annotations

from meterd.config.checks.survey import Survey
from meterd.config.findings import Path
from meterd.config.places import KINDS, clash, said


def check_places(survey: Survey) -> None:
    """The places themselves, then every meter's."""
    for kind, section in KINDS.items():
        for name, place in survey.config.places.of(kind).items():
            _check(survey, ("places", section, name), said(place))
    for index, meter in enumerate(survey.config.meters):
        _check(survey, ("meters", index), said(meter))


def _check(survey: Survey, path: Path, where: dict[str, str]) -> None:
    report, places = survey.report, survey.config.places
    for kind, name in where.items():
        listed = places.of(kind)
        if listed and name not in listed and not report.broken("places", KINDS[kind]):
            remedy = report.guess(name, listed, f"List it under places: {KINDS[kind]}:.")
            report.error((*path, kind), f'no {kind} "{name}"', remedy)
    if not report.broken(*path) and (wrong := clash(places, where)):
        kind, outer, place = wrong
        message = f'the {kind} "{where[kind]}" is in the {outer} "{place}", not "{where[outer]}"'
        report.error((*path, outer), message, "Correct one of them.")
