"""Read, check and complete a configuration file: one call, every finding, no exception.

The order: YAML (syntax, duplicates), the walk (shapes, kinds, references), profiles, the
checks between parts, what is not built, and on a sound file the lints.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from meterd.config import yaml
from meterd.config.checks.accounts import check_accounts
from meterd.config.checks.bills import check_bills
from meterd.config.checks.definitions import check_definitions
from meterd.config.checks.lints import lint
from meterd.config.checks.meters import check_meters, check_own_points
from meterd.config.checks.places import check_places
from meterd.config.checks.records import check_records
from meterd.config.checks.site import check_site
from meterd.config.checks.survey import Survey
from meterd.config.checks.tariffs import check_tariffs
from meterd.config.findings import Finding, blocking
from meterd.config.findings import Path as KeyPath
from meterd.config.models import Config
from meterd.config.profiles import apply_profiles
from meterd.config.read import read
from meterd.config.report import Report
from meterd.config.secret import SecretUrl
from meterd.config.store import default_store, store_url
from meterd.config.values import WrongValueError


class Loaded(msgspec.Struct, frozen=True):
    """A file and what was found. config: None if there are errors. places: line and column of
    every connection, for what only its reader can find."""

    config: Config | None
    findings: tuple[Finding, ...]
    path: Path
    places: dict[str, tuple[int, int]] = {}


class Examined(msgspec.Struct, frozen=True):
    """What was loaded, with the tree it was read from: None if it has none. secrets: the paths
    of those that stand in it; of a file that is refused some may be missing."""

    loaded: Loaded
    root: yaml.Node | None
    secrets: frozenset[KeyPath] = frozenset()


def load(path: Path, environ: Mapping[str, str]) -> Loaded:
    """The configuration at `path`, profiles applied and the store's URL settled.

    environ: for ${env:...}, ${cred:...} and the default store. A file that cannot be read
    is a finding too.
    """
    try:
        with path.open("rb") as file:
            data = file.read(yaml.MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: no path a file can have
        reason = getattr(error, "strerror", None) or str(error)
        missing = Finding("", 1, 1, f"cannot read the file: {reason}", "Check the path.")
        return Loaded(None, (missing,), path)
    return examined(data, path, environ).loaded


def examined(data: bytes, path: Path, environ: Mapping[str, str]) -> Examined:
    """The same of a file's content. path: where it is, or would be."""
    root, findings = yaml.parse(data)
    if root is None:
        return Examined(Loaded(None, tuple(findings), path), None)
    report = Report(root, path.parent.absolute(), environ)
    written: Config = read(Config, report)
    config = _settled(apply_profiles(written, report), report)
    survey = Survey(config, report)
    _check(survey, written)
    found = sorted(findings + report.findings, key=lambda f: (f.file, f.line, f.column))
    refused = blocking(found)
    if not refused:
        lint(survey)
        found = sorted(findings + report.findings, key=lambda f: (f.file, f.line, f.column))
    places = {name: report.position(("connections", name)) for name in config.connections}
    loaded = Loaded(None if refused else config, tuple(found), path, places)
    return Examined(loaded, root, frozenset(report.literals))


def _check(survey: Survey, written: Config) -> None:
    check_site(survey.config, survey.report)
    check_meters(survey)
    check_own_points(survey, written)
    check_places(survey)
    check_definitions(survey)
    check_records(survey)
    check_bills(survey)
    check_accounts(survey)
    check_tariffs(survey.config, survey.report)


def _settled(config: Config, report: Report) -> Config:
    """The configuration with the URL of its store in the form stores are opened by."""
    if config.store is None:
        url = default_store(report.environ)
    else:
        try:
            url = store_url(config.store.reveal(), report.base)
        except WrongValueError as wrong:
            report.error(("store",), f"the URL {wrong}", wrong.remedy)
            return config
    return msgspec.structs.replace(config, store=SecretUrl(url))
