"""The sandbox in a process of its own: the service on loopback, and its control API."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import urllib.request
from typing import Any, ClassVar, cast

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary() -> pathlib.Path:
    """The built sandbox: HWM_SANDBOX, or the newest in target."""
    named = os.environ.get("HWM_SANDBOX")
    if named:
        return pathlib.Path(named)
    built = [ROOT / "target" / profile / "hwm-sandbox" for profile in ("debug", "release")]
    there = [path for path in built if path.exists()]
    if not there:
        raise FileNotFoundError("no hwm-sandbox; build it: cargo build -p hwm-sandbox")
    return max(there, key=lambda path: path.stat().st_mtime)


class Sandbox:
    """A running sandbox; it stops when its standard input closes."""

    #: What no log may ever show: the credentials of every sandbox there was.
    secrets: ClassVar[set[str]] = set()

    def __init__(self, **config: Any) -> None:
        self._process = subprocess.Popen(
            [binary(), "--config", json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.url: str = ready["url"]
        self.control: str = ready["control"]
        self.token: str = ready["token"]
        self.ca_file: str | None = ready["ca_file"]
        self.app_id: str = ready["app_id"]
        self.app_key: str = ready["app_key"]
        self.login: dict[str, str] = ready["login"]
        Sandbox.secrets |= {self.token, self.app_key, self.login["password"]}

    def options(self) -> dict[str, Any]:
        """What a client needs to reach it with the token that is valid from the start."""
        return {**self.place(), "access_token": self.token}

    def place(self) -> dict[str, Any]:
        """What a client needs to reach it, without credentials."""
        return {"endpoint": self.url, "ca_file": self.ca_file}

    def environment(self) -> dict[str, str]:
        """The environment for programs that read their options from there."""
        return {**os.environ, "HWM_ENDPOINT": self.url, "HWM_ACCESS_TOKEN": self.token}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request of the control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control + path, data=data, method=method)
        # Straight to loopback, whatever proxy the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as answer:
            return json.load(answer)

    def accounts(self) -> list[str]:
        """All accounts that there are."""
        return [user["account"] for user in self.ask("GET", "/users")]

    def statuses(self) -> dict[str, int]:
        """The status of every account."""
        return {user["account"]: user["status"] for user in self.ask("GET", "/users")}

    def requests(self) -> list[dict[str, Any]]:
        """The request log, in the order of arrival."""
        return cast("list[dict[str, Any]]", self.ask("GET", "/requests"))

    def forget_requests(self) -> None:
        """Empties the request log."""
        self.ask("DELETE", "/requests")

    def wait_for_requests(self, count: int) -> None:
        """Returns when so many requests have been logged."""
        self.ask("GET", f"/wait?requests={count}")

    def fail(self, what: Any, when: Any = "All", **more: Any) -> None:
        """Lets something go wrong from now on."""
        self.ask("PUT", "/faults", [{"when": when, "what": what, **more}])

    def recover(self) -> None:
        """Lets nothing go wrong any more."""
        self.ask("PUT", "/faults", [])

    def stop(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()
