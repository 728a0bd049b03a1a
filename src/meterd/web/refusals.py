"""Why a change of bills, sources or accounts is not made, as it is answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meterd.config.bill_books import CONFLICT, MISSING, WRONG, RefusedError
from meterd.config.findings import Finding
from meterd.config.stored import Findings
from meterd.web.problems import Problem

STATUS: Final = {MISSING: 404, CONFLICT: 409, WRONG: 422}


def refusal(error: RefusedError) -> Problem:
    """Why a change is not made, as it is answered."""
    told = [(error.field, error.trouble)] if error.field else []
    text = str(error)  # of a field that is wrong it begins with the field, which is spelt so
    begun = text if error.kind == WRONG else f"{text[:1].upper()}{text[1:]}"
    return Problem(STATUS[error.kind], f"{begun}.", errors=told)


def misfits(findings: Iterable[Finding]) -> Problem:
    """What the configuration's own checks have found."""
    wrong = [
        (finding.path or "name", f"{finding.message}. {finding.remedy}".strip())
        for finding in findings
    ]
    return Problem(422, " ".join(f"{field}: {text}" for field, text in wrong), errors=wrong)


def others(wrong: Findings) -> str:
    """Which others would not fit any more, and why the first would not."""
    first = next(iter(wrong.values()))[0]
    return f"{', '.join(wrong)} would not fit any more: {first.path}: {first.message}."
