"""Every page in a real browser: light and dark, desk and telephone, with a script and without.

A page may log nothing, break no rule of its own policy, and be no wider than its window; and
axe-core, which knows the rules of WCAG 2.2, may find nothing wrong with it. A picture of each
is kept among the test's own files, or where `METERD_SCREENSHOTS` says, to be looked at.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Browser, Page, async_playwright
from tests.sinks.peers import free_port
from tests.system.peers import HUNG_S, METERD, Daemon, bare, program, until

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES = (
    "/", "/meters", "/chain", "/meters/rack-12", "/meters/main?range=year",
    "/meters/main?from=2026-01-01T06:00&to=2026-01-01T12:00",
    "/bills", "/bills/tenant-office", "/bills/data-room?view=24h",
    "/bills/tenant-office?view=cumulative", "/bills/tenant-office?view=hourly",
    "/bills/tenant-office?view=samples", "/records", "/events", "/devices", "/configuration",
    "/definition",
)  # fmt: skip
LONG = "/bills/tenant-office?view=samples"
"""Rows upon rows of the same kind: axe looks at them once."""


class Window(NamedTuple):
    """Through what a page is seen. judged: by axe too, which takes its time."""

    device: str
    size: tuple[int, int]
    theme: str
    language: str = "en"
    judged: bool = False


WINDOWS = (
    Window("desk", (1280, 900), "light", judged=True),
    Window("desk", (1280, 900), "dark", "de"),
    Window("telephone", (390, 844), "light"),
    Window("telephone", (390, 844), "dark", "de", judged=True),
)
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JUDGED = """async (rules) => (await axe.run(document, { runOnly: rules })).violations.map(
  (one) => `${one.id}: ${one.nodes[0].html} ${one.nodes[0].failureSummary}`)"""
FAULTS = """() => {
  const wrong = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) wrong.push(`${wide} px too wide`);
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  for (const one of document.querySelectorAll("a, button"))
    if (!(one.textContent.trim() || one.getAttribute("aria-label")))
      wrong.push(`nameless ${one.outerHTML}`);
  for (const one of document.querySelectorAll("input, select"))
    if (!one.labels.length) wrong.push(`unlabelled ${one.name}`);
  for (const one of document.querySelectorAll("svg[role=img]"))
    if (!one.querySelector("title")) wrong.push("a chart without a title");
  for (const one of document.querySelectorAll(".plot"))
    if (!one.closest("section").querySelector("details table"))
      wrong.push("a chart without a table");
  for (const one of document.querySelectorAll("th"))
    if (!one.scope) wrong.push(`a head of nothing: ${one.textContent}`);
  return wrong;
}"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """The demo's site, live, for all of these: to start it takes longer than to look at it."""
    port, folder = free_port(), tmp_path_factory.mktemp("demo")
    process = subprocess.Popen(
        [METERD, "demo", "--port", str(port)], env=bare(TMPDIR=str(folder)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        asked = Daemon(folder / "unused", port)
        asyncio.run(until(asked.scrape, within_s=3 * HUNG_S))
        yield asked
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def browser(home: Path) -> AsyncIterator[Browser]:
    """Debian's own; nothing is downloaded."""
    chromium = program("chromium")
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(
            executable_path=chromium, args=[*FLAGS, f"--crash-dumps-dir={home}"]
        )
        yield one
        await one.close()


def complaints(page: Page) -> list[str]:
    """Everything the browser says about a page from now on."""
    found: list[str] = []
    page.on("console", lambda said: found.append(f"{page.url}: {said.text}"))
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    return found


@pytest.mark.parametrize("window", WINDOWS, ids=lambda one: f"{one.device}-{one.theme}")
async def test_every_page_is_right_in_a_browser(
    demo: Daemon, tmp_path: Path, window: Window
) -> None:
    async with browser(tmp_path) as chromium:
        context = await chromium.new_context(
            color_scheme="dark" if window.theme == "dark" else "light",
            viewport={"width": window.size[0], "height": window.size[1]},
            locale=window.language,
        )
        page = await context.new_page()
        said = complaints(page)
        for path in PAGES:
            answer = await page.goto(demo.url + path)
            assert answer is not None
            assert answer.status == 200, path
            assert await page.evaluate(FAULTS) == [], path
            assert await page.evaluate("document.documentElement.lang") == window.language
            await picture(page, f"{path} {window.device} {window.theme}", tmp_path)
            if window.judged and (path != LONG or window.device == "desk"):
                await page.evaluate(f"{AXE};0")
                assert await page.evaluate(JUDGED, RULES) == [], path
        assert said == []


async def picture(page: Page, name: str, otherwise: Path) -> None:
    """Keep how it looks."""
    folder = Path(os.environ.get("METERD_SCREENSHOTS") or otherwise)
    plain = "".join(c if c.isalnum() else "-" for c in name).strip("-")
    await page.screenshot(path=folder / f"{plain}.png", full_page=True)


async def test_a_page_is_used_by_the_keyboard_alone(demo: Daemon, tmp_path: Path) -> None:
    async with browser(tmp_path) as chromium:
        page = await chromium.new_page()
        await page.goto(f"{demo.url}/meters/main?range=month")
        await page.keyboard.press("Tab")
        focused = "document.activeElement.getAttribute('href')"
        assert await page.evaluate(focused) == "#main"
        await page.keyboard.press("Enter")
        reached = set()
        for _ in range(40):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.outerHTML.slice(0, 40)"))
        assert any('class="plot"' in one for one in reached)
        assert any("<summary" in one for one in reached)
        assert any('name="from"' in one for one in reached)
        await page.locator(".plot").focus()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**range=day&at=*")


async def test_what_is_drawn_over_is_zoomed_in(demo: Daemon, tmp_path: Path) -> None:
    async with browser(tmp_path) as chromium:
        page = await chromium.new_page()
        said = complaints(page)
        await page.goto(f"{demo.url}/meters/main?range=year")
        box = await page.locator(".plot").bounding_box()
        assert box is not None
        for step, part in enumerate((0.3, 0.4, 0.5)):
            await page.mouse.move(box["x"] + part * box["width"], box["y"] + 90)
            if step == 0:
                await page.mouse.down()
        await page.mouse.up()
        await page.wait_for_url("**from=*&to=*")
        assert await page.locator(".plot .bar").count() in range(60, 110)
        assert said == []


async def test_values_change_while_one_looks_and_a_bar_tells_its_numbers(
    demo: Daemon, tmp_path: Path
) -> None:
    async with browser(tmp_path) as chromium:
        page = await chromium.new_page()
        said = complaints(page)
        await page.goto(f"{demo.url}/meters/main")
        shown = page.locator('[data-live="main/time"]')
        before = await shown.text_content()
        await page.wait_for_function(
            "text => document.querySelector('[data-live=\"main/time\"]').textContent !== text",
            arg=before,
            timeout=HUNG_S * 1000,
        )
        await page.locator(".plot").focus()
        await page.keyboard.press("ArrowRight")
        assert "kWh" in (await page.locator(".tip").text_content() or "")
        await page.keyboard.press("Escape")
        assert await page.locator(".tip").is_hidden()
        assert said == []


async def test_without_a_script_everything_is_there(demo: Daemon, tmp_path: Path) -> None:
    async with browser(tmp_path) as chromium:
        page = await (await chromium.new_context(java_script_enabled=False)).new_page()
        await page.goto(f"{demo.url}/meters/main?range=year")
        assert await page.locator(".plot .bar title").count() > 300
        await page.locator(".plot .bar a .amount").last.click()
        await page.wait_for_url("**/meters/main?range=month&at=*")
        await page.locator("summary").first.click()
        assert await page.locator("details table").first.is_visible()
