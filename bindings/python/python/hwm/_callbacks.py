"""Callables that a program hands over: what is none, or would never run, is refused."""

from __future__ import annotations

from hwm._errors import WrongType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from hwm.types import OnProgress, TokenSource

# Of a code object: a coroutine function, an asynchronous generator.
_CO_COROUTINE, _CO_ASYNC_GENERATOR = 0x80, 0x200


def progress(callback: OnProgress | None) -> OnProgress | None:
    """The progress callback, checked."""
    if callback is None:
        return None
    return _checked("on_progress", callback, "give a plain function, which may start a task")


def token(source: TokenSource) -> TokenSource:
    """The token source, checked."""
    return _checked("token", source, "hwm.AsyncClient awaits one")


def _checked(name: str, callback: Callable[..., Any], hint: str) -> Callable[..., Any]:
    if not callable(callback):
        raise WrongType(f"{name} is of type {type(callback).__name__}, which cannot be called")
    if _is_asynchronous(callback):
        raise WrongType(f"{name} is a coroutine function, which would not run; {hint}")

    def call(*given: object) -> object:
        answer = callback(*given)
        if _is_coroutine(answer):
            answer.close()
            raise WrongType(f"{name} returned a coroutine, which would not run; {hint}")
        return answer

    return call


def close(callback: Any) -> None:
    """Closes a progress bar."""
    closing: Callable[[], object] | None = getattr(callback, "close", None)
    if closing is not None:
        closing()


def _is_asynchronous(callback: Any) -> bool:
    # As inspect.iscoroutinefunction, which takes longer to import than the rest of hwm.
    while (type(callback).__module__, type(callback).__name__) == ("functools", "partial"):
        callback = callback.func
    if not hasattr(callback, "__code__"):
        callback = type(callback).__call__
    flags: int = getattr(getattr(callback, "__code__", None), "co_flags", 0)
    return bool(flags & (_CO_COROUTINE | _CO_ASYNC_GENERATOR))


def _is_coroutine(answer: Any) -> bool:
    """Whether it would have to be awaited to run at all; a Task runs by itself."""
    return hasattr(answer, "__await__") and hasattr(answer, "send")
