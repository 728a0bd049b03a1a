"""Every page in a real browser: light and dark, desk and telephone, with a script and without.

A page may log nothing, break no rule of its own policy, and be no wider than its window.
`METERD_SCREENSHOTS=folder` keeps a picture of each, to be looked at.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright
from tests.sinks.peers import free_port
from tests.system.peers import HUNG_S, METERD, Daemon, program, until

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAGES = (
    "/", "/meters", "/meters/rack-12", "/meters/main?range=year", "/meters/main?range=day",
    "/bills", "/bills/tenant-office", "/bills/data-room?view=24h",
    "/bills/tenant-office?view=cumulative", "/bills/tenant-office?view=hourly",
    "/bills/tenant-office?view=samples", "/records", "/events", "/devices",
)  # fmt: skip
WINDOWS = {"desk": (1280, 900), "telephone": (390, 844)}
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


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Daemon]:
    """The demo's site, live."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        METERD, "demo", "--port", str(port), env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        asked = Daemon(tmp_path / "unused", port)
        await until(asked.scrape, within_s=3 * HUNG_S)
        yield asked
    finally:
        process.terminate()
        await process.wait()


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


async def test_every_page_is_right_in_a_browser(demo: Daemon, tmp_path: Path) -> None:
    async with browser(tmp_path) as chromium:
        for theme in ("light", "dark"):
            for device, (width, height) in WINDOWS.items():
                context = await chromium.new_context(
                    color_scheme="dark" if theme == "dark" else "light",
                    viewport={"width": width, "height": height},
                )
                page = await context.new_page()
                said = complaints(page)
                for path in PAGES:
                    answer = await page.goto(demo.url + path)
                    assert answer is not None
                    assert answer.status == 200, path
                    assert await page.evaluate(FAULTS) == [], (path, theme, device)
                    await picture(page, f"{path} {device} {theme}")
                assert said == []
                await context.close()


async def picture(page: Page, name: str) -> None:
    """Keep how it looks, where somebody wants to look."""
    folder = os.environ.get("METERD_SCREENSHOTS")
    if folder:
        plain = "".join(c if c.isalnum() else "-" for c in name).strip("-")
        await page.screenshot(path=Path(folder) / f"{plain}.png", full_page=True)


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
