"""What the tests share: sandboxes, and clients of them."""

from __future__ import annotations

import logging
import pathlib
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import hwm
from sandbox import Sandbox

StartSandbox = Callable[..., Sandbox]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No option of the developer's own environment reaches a test."""
    for row in hwm._hwm.option_table():
        monkeypatch.delenv(f"HWM_{row['name'].upper()}", raising=False)


class Listener(logging.Handler):
    """Keeps all that the library logs, at its most talkative."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += record.getMessage() + "\n"


@pytest.fixture(autouse=True)
def no_secret_is_ever_logged(
    request: pytest.FixtureRequest, clean_environment: None
) -> Iterator[None]:
    """Every test listens to all that is logged, but for those that are about the log's levels."""
    if request.module.__name__ == "test_logging":
        yield
        return
    logger = logging.getLogger("hwm")
    before, listener = logger.level, Listener()
    logger.addHandler(listener)
    logger.setLevel(1)
    yield
    logger.setLevel(before)
    logger.removeHandler(listener)
    said = listener.text + pathlib.Path("/proc/self/cmdline").read_text()
    for secret in (*Sandbox.secrets, "signature=", "Basic "):
        assert secret not in said, f"{secret} was logged"


@pytest.fixture
def start_sandbox() -> Iterator[StartSandbox]:
    """Starts sandboxes with the configuration given as keywords."""
    running: list[Sandbox] = []

    def start(**config: Any) -> Sandbox:
        sandbox = Sandbox(**config)
        running.append(sandbox)
        return sandbox

    yield start
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def sandbox(start_sandbox: StartSandbox) -> Sandbox:
    """A healthy small enterprise of 30 users over plain HTTP."""
    return start_sandbox(users=30)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[hwm.Client]:
    """A client of the fixture `sandbox`."""
    with hwm.Client(**sandbox.options()) as client:
        yield client


@pytest.fixture
def offline() -> Iterator[hwm.Client]:
    """A client for what sends nothing: nobody listens where it would."""
    with hwm.Client(endpoint="http://127.0.0.1:1", access_token="t") as client:
        yield client
