"""Sets the status of many Huawei Cloud Meeting accounts and tells the truth about each.

One call, with a client whose options come from the environment:

>>> def disable(accounts):
...     with Client.from_env() as client:
...         report = client.set_status("disabled", accounts)
...     print(report.summary())
...     for outcome in report.rejected:
...         print(outcome.account, outcome.service_code, outcome.message)
"""

from __future__ import annotations

import os as _os

from hwm import _hwm
from hwm._client import Client
from hwm._errors import (
    Authentication,
    Cancelled,
    Capacity,
    Error,
    InvalidArgument,
    InvalidOption,
    Io,
    Network,
    NoMemory,
    Panic,
    Partial,
    Permission,
    Protocol,
    Quota,
    Server,
    Timeout,
    WrongType,
)
from hwm._hwm import Cancel, Outcome, Progress
from hwm._report import Plan, Report, Selection
from hwm._report_of import report_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hwm import progress
    from hwm._async import AsyncClient
    from hwm._status import UserStatus

__version__ = _hwm.VERSION

__all__ = [
    "AsyncClient",
    "Authentication",
    "Cancel",
    "Cancelled",
    "Capacity",
    "Client",
    "Error",
    "InvalidArgument",
    "InvalidOption",
    "Io",
    "Network",
    "NoMemory",
    "Outcome",
    "Panic",
    "Partial",
    "Permission",
    "Plan",
    "Progress",
    "Protocol",
    "Quota",
    "Report",
    "Selection",
    "Server",
    "Timeout",
    "UserStatus",
    "WrongType",
    "__version__",
    "progress",
    "report_of",
]

_os.register_at_fork(
    before=_hwm.before_fork,
    after_in_parent=lambda: _hwm.after_fork(in_child=False),
    after_in_child=lambda: _hwm.after_fork(in_child=True),
)


def __getattr__(name: str) -> object:
    # What needs asyncio, enum or a progress bar's package is imported by those who use it.
    homes = {"AsyncClient": "hwm._async", "UserStatus": "hwm._status", "progress": "hwm.progress"}
    if name not in homes:
        raise AttributeError(f"module 'hwm' has no attribute {name!r}")
    from importlib import import_module

    home = import_module(homes[name])
    item: object = home if name == "progress" else getattr(home, name)
    globals()[name] = item
    return item


def __dir__() -> list[str]:
    return sorted(__all__)
