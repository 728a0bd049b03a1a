"""People in a real browser: they come in, are let see what is theirs, and go out again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import Page
from tests.system.home import Home
from tests.system.peers import METERD
from tests.system.test_pages import WINDOWS, browser, complaints, picture

PASSWORD = "correct horse"
FAULTS = """() => {
  const wrong = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) wrong.push(`${wide} px too wide`);
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  for (const one of document.querySelectorAll("input:not([type=hidden]), select"))
    if (!one.labels.length) wrong.push(`unlabelled ${one.name}`);
  return wrong;
}"""


async def with_a_first_user(home: Home) -> None:
    """anna, whose password comes from a pipe; and a bill to be granted."""
    home.config["connections"]["api"] = {"protocol": "push"}
    home.config["meters"].append({"name": "main", "connection": "api",
                                  "points": {"energy_import": {"unit": "kWh"}}})  # fmt: skip
    home.add_bill("tenant-a")
    home.write()
    adding = await asyncio.create_subprocess_exec(
        METERD, "user", "-c", str(home.file), "add", "anna", "--level", "10",
        stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    await adding.communicate(f"{PASSWORD}\n".encode())
    assert adding.returncode == 0


async def log_in(page: Page, name: str) -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()


async def looked_at(page: Page, name: str, folder: Path) -> None:
    """It is right in either window."""
    for device, size, *_rest in WINDOWS[1:3]:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        assert await page.evaluate(FAULTS) == [], (name, device)
        await picture(page, f"{name} {device}", folder)


async def test_a_tenant_is_let_in_and_sees_what_was_granted(home: Home, tmp_path: Path) -> None:
    await with_a_first_user(home)
    daemon = await home.run()
    async with browser(tmp_path) as chromium:
        page = await (await chromium.new_context()).new_page()
        said = complaints(page)
        await page.goto(f"{daemon.url}/login?next=/users")
        await looked_at(page, "login", tmp_path)
        await log_in(page, "anna")
        await page.wait_for_url("**/users")
        await fill(page, "New user", {"Name": "tom", "Password": PASSWORD})
        await page.get_by_role("button", name="Add the user").click()
        await page.get_by_role("heading", name="tom").wait_for()
        await page.locator("select[name=bill]").select_option("tenant-a")
        await page.locator("select[name=holder]").select_option("user:tom")
        await page.get_by_role("button", name="Grant it").click()
        await page.get_by_role("cell", name="tom").first.wait_for()
        await looked_at(page, "users", tmp_path)
        await page.goto(f"{daemon.url}/account")
        await looked_at(page, "account", tmp_path)
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url("**/login")
        await log_in(page, "tom")
        await page.wait_for_url("**/bills")
        assert await page.get_by_role("link", name="tenant-a").count() == 1
        await looked_at(page, "bills of a tenant", tmp_path)
        assert said == []


async def fill(page: Page, title: str, values: dict[str, Any]) -> None:
    card = page.locator("section", has=page.get_by_role("heading", name=title))
    for label, value in values.items():
        await card.get_by_label(label).fill(value)
