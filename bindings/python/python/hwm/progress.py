"""Ready-made progress callbacks: hand one to set_status as on_progress.

    client.set_status("disabled", accounts, on_progress=hwm.progress.tqdm())

Each shows one call, and is closed when that call ends; the next call shows a bar of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwm._hwm import Progress

__all__ = ["RichBar", "TqdmBar", "rich", "tqdm"]


def tqdm(**keywords: Any) -> TqdmBar:
    """A bar by tqdm, in a terminal or a notebook.

    Args:
        **keywords: for tqdm.auto.tqdm, such as desc, file or leave.

    Returns:
        The callback for on_progress.

    Raises:
        ImportError: tqdm is not installed.
    """
    return TqdmBar(keywords)


def rich(console: Any = None) -> RichBar:
    """A bar by rich.

    Args:
        console: the rich.console.Console to draw on; None: rich's own.

    Returns:
        The callback for on_progress.

    Raises:
        ImportError: rich is not installed.
    """
    return RichBar(console)


class TqdmBar:
    """What tqdm() makes."""

    def __init__(self, keywords: dict[str, Any]) -> None:
        from tqdm.auto import tqdm as make

        self._make: Any = make
        self._keywords: dict[str, Any] = {"unit": " accounts", **keywords}
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        """Shows how far the call has come."""
        if self._bar is None:
            self._bar = self._make(total=progress.total, **self._keywords)
        self._bar.set_postfix(_counts(progress), refresh=False)
        self._bar.update(progress.settled - self._bar.n)

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class RichBar:
    """What rich() makes."""

    def __init__(self, console: Any) -> None:
        import rich.progress as parts

        self._parts = parts
        self._console = console
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, progress: Progress) -> None:
        """Shows how far the call has come."""
        if self._bar is None:
            parts = self._parts
            self._bar = parts.Progress(
                parts.BarColumn(),
                parts.MofNCompleteColumn(),
                parts.TextColumn("{task.description}"),
                parts.TimeRemainingColumn(),
                console=self._console,
            )
            self._task = self._bar.add_task("", total=progress.total)
            self._bar.start()
        counts = ", ".join(f"{count} {name}" for name, count in _counts(progress).items())
        self._bar.update(self._task, completed=progress.settled, description=counts)

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _counts(progress: Progress) -> dict[str, Any]:
    """What is worth saying besides the bar: failures, and waiting."""
    counts: dict[str, Any] = {}
    if progress.rejected:
        counts["rejected"] = progress.rejected
    if progress.unknown:
        counts["unknown"] = progress.unknown
    if progress.quota_wait_ms:
        counts["s for quota"] = round(progress.quota_wait_ms / 1000, 1)
    return counts
