"""The pages are true: links lead somewhere, configurations pass, commands exist, no secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.house.tree import LAYERS, ROOT, meterd

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECRET = re.compile(r"\b(?:password|token|secret|community): *(?![\"']?\$\{|public\b)(\S+)")
SYSTEM = (
    "bin|build|dev|etc|healthz|login|metrics|openapi.json|opt|proc|readyz|run|sys|tmp|usr|v1|var"
)
PRIVATE = re.compile(rf"(?<![\w.:/}})~*>-])/(?!(?:{SYSTEM})\b)[a-z][\w.-]*")


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, text) of every fenced block in a language."""
    return [
        (page_id(page), text)
        for page in PAGES
        for tag, text in FENCE.findall(page.read_text("utf-8"))
        if tag == language
    ]


def configurations() -> list[tuple[str, str]]:
    """Blocks that begin with `# meterd.yaml` are whole files, and so is config/meterd.yaml."""
    whole = [(page, text) for page, text in blocks("yaml") if text.startswith("# meterd.yaml")]
    return [*whole, ("config/meterd.yaml", (ROOT / "config/meterd.yaml").read_text("utf-8"))]


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in LINK.findall(page.read_text("utf-8")):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if "://" not in link and not (target.exists() and (not anchor or anchor in slugs(target))):
            dead.append(link)
    assert dead == []


def test_the_architecture_draws_the_layers_as_they_are_checked() -> None:
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    drawn = next(text for _, text in FENCE.findall(page) if text.startswith("cli >"))
    assert re.split(r"\s*[>|]\s*", drawn.strip()) == LAYERS[LAYERS.index("cli") :]


@pytest.mark.parametrize("page", DECISIONS, ids=page_id)
def test_a_decision_says_status_context_decision_and_consequences(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith(f"# {page.name[:4]}: ")
    assert re.search(r"^\*\*Status\.\*\* \w+", text, re.MULTILINE)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert f"[{page.name[:4]}]({page.name})" in (page.parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("page", "text"), configurations(), ids=[page for page, _ in configurations()]
)
def test_a_configuration_in_the_pages_passes_check(page: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "meterd.yaml"
    file.write_text(text, "utf-8")
    done = meterd("check", "-c", str(file))
    assert done.returncode == 0, f"{page}\n{done.stdout}{done.stderr}"


def test_there_is_a_configuration_to_check() -> None:
    assert {page for page, _ in configurations()} >= {"README.md", "config/meterd.yaml"}


def test_every_command_in_the_pages_exists() -> None:
    shell = "\n".join(text for _, text in blocks("sh"))
    for verb in sorted(set(re.findall(r"(?:bin/|exec meterd )meterd ([a-z]+)", shell))):
        assert meterd(verb, "--help").returncode == 0, verb
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in sorted(set(re.findall(r"\bmake ([a-z-]+)", shell))):
        assert f"\n{target}:" in makefile, target


@pytest.mark.parametrize("page", [*PAGES, ROOT / "config/meterd.yaml"], ids=page_id)
def test_a_page_holds_no_secret_and_no_path_of_one_persons_host(page: Path) -> None:
    text = page.read_text("utf-8")
    assert SECRET.findall(text) == []
    assert PRIVATE.findall(text) == []
