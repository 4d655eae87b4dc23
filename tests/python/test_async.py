"""The client for asyncio leaves the loop alone, and ends a call whose task is cancelled."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest

import hwm
from conftest import StartSandbox
from sandbox import Sandbox


def test_it_tells_what_the_other_client_tells(sandbox: Sandbox) -> None:
    async def main() -> hwm.Report:
        async with hwm.AsyncClient(**sandbox.options()) as client:
            assert repr(client).startswith("<hwm.AsyncClient ")
            return await client.set_status("disabled", [*sandbox.accounts(), "nobody"])

    report = asyncio.run(main())
    assert report.counts == {"applied": 30, "rejected": 1, "unknown": 0, "not_attempted": 0}


def test_the_loop_runs_on_during_a_call(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(users=30, latency_ms=300)

    async def main() -> float:
        longest = 0.0
        async with hwm.AsyncClient(**sandbox.options()) as client:
            call = asyncio.create_task(client.set_status("disabled", sandbox.accounts()))
            while not call.done():
                before = time.monotonic()
                await asyncio.sleep(0)
                longest = max(longest, time.monotonic() - before)
            assert (await call).ok
        return longest

    assert asyncio.run(main()) < 0.15


def test_calls_run_side_by_side(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(users=40, latency_ms=200)

    async def main() -> list[hwm.Report]:
        async with hwm.AsyncClient(**sandbox.options()) as client:
            accounts = sandbox.accounts()
            parts = [accounts[start : start + 10] for start in range(0, 40, 10)]
            return await asyncio.gather(*(client.set_status("disabled", part) for part in parts))

    started = time.monotonic()
    assert all(report.ok for report in asyncio.run(main()))
    assert time.monotonic() - started < 0.7


def test_cancelling_the_task_ends_the_call_and_tells(sandbox: Sandbox) -> None:
    sandbox.fail({"Silence": {}})

    async def main() -> hwm.Report:
        async with hwm.AsyncClient(**sandbox.options(), drain_ms=100) as client:

            async def disable() -> hwm.Report:
                try:
                    return await client.set_status("disabled", sandbox.accounts())
                except asyncio.CancelledError as cancelled:
                    return cancelled.report  # type: ignore[attr-defined, no-any-return]

            task = asyncio.create_task(disable())
            await asyncio.to_thread(sandbox.wait_for_requests, 1)
            task.cancel()
            return await task

    assert asyncio.run(main()).counts["unknown"] == 30


def test_a_second_cancel_ends_the_drain(sandbox: Sandbox) -> None:
    sandbox.fail({"Silence": {}})

    async def main() -> float:
        async with hwm.AsyncClient(**sandbox.options(), drain_ms=60_000) as client:
            task = asyncio.create_task(client.set_status("disabled", sandbox.accounts()))
            await asyncio.to_thread(sandbox.wait_for_requests, 1)
            task.cancel()
            await asyncio.sleep(0)
            second = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - second

    assert asyncio.run(main()) < 0.5


def test_a_timeout_of_asyncio_ends_the_call(sandbox: Sandbox) -> None:
    sandbox.fail({"Silence": {}})

    async def main() -> None:
        async with hwm.AsyncClient(**sandbox.options(), drain_ms=0) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.set_status("disabled", sandbox.accounts()), 0.2)

    asyncio.run(main())


def test_failures_are_raised_with_their_report(sandbox: Sandbox) -> None:
    async def main() -> None:
        options = {**sandbox.options(), "access_token": "wrong"}
        async with hwm.AsyncClient(**options) as client:
            with pytest.raises(hwm.Authentication) as caught:
                await client.set_status("disabled", sandbox.accounts())
            assert caught.value.report is not None
            with pytest.raises(hwm.InvalidArgument):
                await client.set_status("disabled", "test010")

    asyncio.run(main())


def test_callbacks_run_in_the_loop(sandbox: Sandbox) -> None:
    threads: list[int] = []
    settled: list[int] = []

    def notice(progress: hwm.Progress) -> None:
        threads.append(threading.get_ident())
        settled.append(progress.settled)

    async def token() -> str:
        threads.append(threading.get_ident())
        await asyncio.sleep(0)
        return sandbox.token

    async def main() -> None:
        async with hwm.AsyncClient(**sandbox.place(), token=token) as client:
            report = await client.set_status("disabled", sandbox.accounts(), on_progress=notice)
            assert report.ok
            assert settled[-1] == 30

    asyncio.run(main())
    assert set(threads) == {threading.get_ident()}


def test_a_plain_callable_gives_tokens_too(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with hwm.AsyncClient(**sandbox.place(), token=lambda: sandbox.token) as client:
            assert (await client.set_status("disabled", sandbox.accounts())).ok

    asyncio.run(main())


def test_accounts_may_come_asynchronously(sandbox: Sandbox) -> None:
    async def directory() -> AsyncIterator[str]:
        for account in sandbox.accounts():
            await asyncio.sleep(0)
            yield account

    async def main() -> hwm.Report:
        async with hwm.AsyncClient(**sandbox.options()) as client:
            return await client.set_status("disabled", directory())

    assert len(asyncio.run(main()).applied) == 30


def test_it_is_made_from_the_environment_too(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HWM_ENDPOINT", sandbox.url)
    monkeypatch.setenv("HWM_ACCESS_TOKEN", sandbox.token)

    async def main() -> None:
        async with hwm.AsyncClient.from_env() as client:
            assert (await client.set_status("disabled", sandbox.accounts())).ok

    asyncio.run(main())
