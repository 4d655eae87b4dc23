"""What can go wrong: one exception class for each kind of failure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from hwm._report import Report


class Error(Exception):
    """A call failed. Its text says what was tried, what came back, and what to do.

    Attributes:
        kind: a short stable name of the failure, such as "network"; one for each class.
        report: what became of every account, when the call got as far as planning, or None.
        http_status: HTTP status of the answer behind the failure, or None.
        service_code: the service's error code behind the failure, such as "USG.000000004", or None.
        request_id: the request id to quote to the vendor's support, or None.

    >>> try:
    ...     raise Timeout("the deadline passed")
    ... except TimeoutError as error:
    ...     print(error, error.kind, error.report)
    the deadline passed timeout None
    """

    kind: ClassVar[str] = "error"

    report: Report | None
    http_status: int | None
    service_code: str | None
    request_id: str | None

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        service_code: str | None = None,
        request_id: str | None = None,
        report: Report | None = None,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.service_code = service_code
        self.request_id = request_id
        self.report = report

    def __reduce__(self) -> tuple[object, ...]:
        # Some of the built-in bases would pickle the message alone.
        return (type(self), (str(self),), dict(self.__dict__))


class Partial(Error):
    """Not every account was applied; raised by Report.raise_for_failures alone."""

    kind = "partial"


class InvalidArgument(Error, ValueError):
    """An argument is wrong: an empty list, a bad account, a bad status. Nothing was sent."""

    kind = "invalid_argument"


class WrongType(InvalidArgument, TypeError):
    """An argument is of a type that is not taken: a bool as status, a coroutine function."""


class InvalidOption(Error, ValueError):
    """An option is unknown, badly valued, missing or in conflict. Nothing was sent."""

    kind = "invalid_option"


class Authentication(Error):
    """The service does not accept the credentials or the token."""

    kind = "authentication"


class Permission(Error, PermissionError):
    """The credentials are accepted, but may not do this."""

    kind = "permission"


class Capacity(Error):
    """The enterprise has too few resources for what was asked."""

    kind = "capacity"


class Quota(Error):
    """The request quota is used up for longer than max_wait_ms or the deadline allow."""

    kind = "quota"


class Network(Error, ConnectionError):
    """The service could not be reached, or the connection broke, too often."""

    kind = "network"


class Timeout(Error, TimeoutError):
    """deadline_ms ran out before every account was settled."""

    kind = "timeout"


class Cancelled(Error):
    """The call was cancelled before every account was settled."""

    kind = "cancelled"


class Server(Error):
    """The service failed, or refused everything alike."""

    kind = "server"


class Protocol(Error):
    """What answered does not speak the documented protocol: a proxy's page, a redirect."""

    kind = "protocol"


class Io(Error, OSError):
    """A local file or system resource failed: the journal, the CA file, a thread."""

    kind = "io"


class NoMemory(Error, MemoryError):
    """Memory for the given input could not be had."""

    kind = "no_memory"


class Panic(Error, RuntimeError):
    """A defect of this library; please report it."""

    kind = "panic"


_CLASSES: dict[str, type[Error]] = {
    cls.kind: cls
    for cls in (
        InvalidArgument,
        InvalidOption,
        Authentication,
        Permission,
        Capacity,
        Quota,
        Network,
        Timeout,
        Cancelled,
        Server,
        Protocol,
        Io,
        NoMemory,
        Panic,
    )
}


def of_kind(
    kind: str,
    message: str,
    http_status: int | None,
    service_code: str | None,
    request_id: str | None,
    report: Report | None,
) -> Error:
    """The exception for a failure of the library; called from there."""
    return _CLASSES.get(kind, Error)(
        message,
        http_status=http_status,
        service_code=service_code,
        request_id=request_id,
        report=report,
    )
