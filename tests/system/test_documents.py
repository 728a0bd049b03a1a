"""History and statements beside a running daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.system.devices import Device, Dial
from tests.system.home import Home
from tests.system.peers import until


async def test_history_is_taken_and_a_statement_is_drawn_up_beside_a_running_daemon(
    home: Home, device: Callable[..., Awaitable[Device]]
) -> None:
    home.add("hall", await device(main=Dial()))
    home.add_bill("tenant", "main")
    await home.run()

    async def counted() -> bool:
        return bool((await home.rows("meters"))[0]["kwhLifetime"])

    await until(counted)
    file = home.folder / "old.csv"
    rows = [f"2025-06-01T{hour:02}:00:00Z,2025-06-01T{hour:02}:30:00Z,1.5" for hour in range(24)]
    file.write_text("\n".join(["start,end,kwh", *rows, "x,y,z"]) + "\n", "utf-8")
    words = ("--meter", "main", "--format", "csv", str(file))
    done = await home.verb("import", *words, code=1)
    assert "main: 24 intervals taken (36 kWh" in done.out
    assert f"{file}:26: 'x' is no time" in done.err
    assert "24 there already" in (await home.verb("import", *words, code=1)).out
    assert (await home.rows("audit"))["imported"][0]["imported"] == "36"
