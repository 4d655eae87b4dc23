"""The report behind any exception that a call ended with."""

from __future__ import annotations

from hwm._report import Report


def report_of(error: BaseException) -> Report | None:
    """The report of a call that ended with error, also where that is not an exception of hwm.

    What ends a call from outside, such as KeyboardInterrupt, an exception of a callback or a
    cancelled task, carries the report as its attribute report; asyncio.timeout and
    asyncio.wait_for raise a TimeoutError of their own, and a TaskGroup a group, around it. This
    looks at the attribute, at the causes and contexts, and into groups.

    Returns:
        The report, or None: the call ended before it had a list to tell about, or there was none.

    >>> from hwm import Cancelled
    >>> try:
    ...     raise TimeoutError from Cancelled("by the user")
    ... except TimeoutError as error:
    ...     print(report_of(error))
    None
    """
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        looked_at = waiting.pop()
        if looked_at is None or id(looked_at) in seen:
            continue
        seen.add(id(looked_at))
        found: object = getattr(looked_at, "report", None)
        if isinstance(found, Report):
            return found
        inner: tuple[BaseException, ...] = getattr(looked_at, "exceptions", ())
        waiting += [looked_at.__context__, *reversed(inner), looked_at.__cause__]
    return None
