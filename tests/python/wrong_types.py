"""What a type checker must refuse. Each ignore stands where an error is expected.

mypy and pyright complain about an ignore that hides nothing, so that each of these lines is a test.
"""

from __future__ import annotations

import hwm


async def token() -> str:
    return "t"


def status(client: hwm.Client, word: str, flag: bool) -> None:
    client.set_status("enabled", ["a"])  # type: ignore[arg-type]
    client.set_status(True, ["a"])  # type: ignore[arg-type]
    client.set_status(flag, ["a"])  # type: ignore[arg-type]
    client.set_status(2, ["a"])  # type: ignore[arg-type]
    client.set_status(word, ["a"])  # type: ignore[arg-type]


async def asynchronous(client: hwm.AsyncClient) -> None:
    await client.set_status("enabled", ["a"])  # type: ignore[arg-type]
    await client.set_status(True, ["a"])  # type: ignore[arg-type]


def report(told: hwm.Report) -> None:
    told[1.5]  # type: ignore[call-overload]


def callbacks() -> None:
    hwm.Client(token=token)  # type: ignore[arg-type]


def allowed(client: hwm.Client) -> None:
    client.set_status("normal", ["a"])
    client.set_status(1, ["a"])
    client.set_status(hwm.UserStatus.named("disabled"), ["a"])
