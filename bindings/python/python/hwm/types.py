"""Types for annotations of programs that use this package; nothing here is needed to run it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, TypedDict, Union

from hwm._native_types import OptionRow, OutcomeName, TokenSource

if TYPE_CHECKING:
    # As typing has it from 3.10 on; what is no alias to a type checker would count as Any.
    from typing_extensions import TypeAlias

    from hwm._hwm import Progress
    from hwm._status import UserStatus

__all__ = [
    "Accounts",
    "ArrowColumn",
    "AsyncTokenSource",
    "CallOptions",
    "ClientOptions",
    "OnProgress",
    "OptionRow",
    "OutcomeName",
    "Status",
    "TokenSource",
]

Status: TypeAlias = Union["UserStatus", Literal["normal", "disabled", 0, 1]]
"""What set_status takes for a status: "normal" or 0, "disabled" or 1.

UserStatus.named makes one of a word that a program reads."""


class ArrowColumn(Protocol):
    """An Arrow array or chunked array."""

    def to_pylist(self) -> list[Any]:
        """The items as Python objects."""
        ...


Accounts: TypeAlias = Union[Iterable[str], ArrowColumn, "os.PathLike[str]", IO[str], IO[bytes]]
"""What set_status takes for accounts."""

OnProgress: TypeAlias = Callable[["Progress"], object]
"""A progress callback; False as its result cancels the call."""

AsyncTokenSource: TypeAlias = Callable[
    [], Union[str, "tuple[str, int]", Awaitable[Union[str, "tuple[str, int]"]]]
]
"""A token source that may be a coroutine function."""


class CallOptions(TypedDict, total=False):
    """Options that each call may override; None leaves an option as the client has it."""

    account_type: Literal[0, 1, "0", "1", "meeting", "third_party"] | None
    language: Literal["zh-CN", "en-US"] | None
    batch_size: int | str | None
    concurrency: int | str | None
    attempts: int | str | None
    retry_base_ms: int | str | None
    retry_max_ms: int | str | None
    max_wait_ms: int | str | None
    request_timeout_ms: int | str | None
    deadline_ms: int | str | None
    drain_ms: int | str | None
    isolate: bool | str | None
    capacity_codes: str | None
    journal: str | os.PathLike[str] | None
    journal_max_age_h: int | str | None
    dry_run: bool | str | None


class ClientOptions(CallOptions, total=False):
    """Options of a client, among them the defaults of its calls; None leaves an option unset."""

    endpoint: str | None
    access_token: str | None
    app_id: str | None
    app_key: str | None
    user_id: str | None
    corp_id: str | None
    dept_code: str | None
    login: str | None
    password: str | None
    max_requests_per_minute: int | str | None
    connect_timeout_ms: int | str | None
    ca_file: str | os.PathLike[str] | None
    proxy: str | None
    allow_http: bool | str | None
    logout: bool | str | None
