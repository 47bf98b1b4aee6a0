"""Shows how far an ingest is: bars on a terminal, one line for each stage elsewhere."""

import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, TaskID

from services.frontend.cli.terminal import progress_bar, safe
from services.shared.contracts.corpus import Job


class Stage:
    """One bar."""

    def __init__(self, progress: Progress, task: TaskID, console: Console) -> None:
        self._progress = progress
        self._task = task
        self._console = console
        self._started = time.monotonic()
        self._chunks_before: int | None = None
        self._said = ""

    def advance(self) -> None:
        """One more."""
        self._progress.advance(self._task)

    def show_jobs(self, jobs: Iterable[Job]) -> None:
        """The counts of the running jobs, and what they wait for."""
        known = list(jobs)
        chunks = sum(job.chunks for job in known)
        failed = sum(job.failed for job in known)
        if self._chunks_before is None:
            self._chunks_before = chunks
        rate = (chunks - self._chunks_before) / max(time.monotonic() - self._started, 0.1)
        waits_for = next((job.error for job in known if job.error and job.finished_at is None), "")
        note = f"{chunks:,} chunks · {rate:,.0f}/s" + (f" · {failed:,} failed" if failed else "")
        note += f" · {safe(waits_for)}" if waits_for else ""
        completed = sum(job.done + job.unchanged + job.failed for job in known)
        self._progress.update(self._task, completed=completed, note=note)
        self._say(waits_for)

    def _say(self, waits_for: str) -> None:
        """One line where no bar shows it."""
        if waits_for and waits_for != self._said and not self._console.is_terminal:
            self._console.print(safe(waits_for))
        self._said = waits_for


class Stages:
    """The bars of one ingest, one below the other."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = progress_bar(console)

    @contextmanager
    def shown(self) -> Generator[None]:
        """The bars stay where they ended."""
        with self._progress:
            yield

    @contextmanager
    def stage(self, name: str, *, total: int) -> Generator[Stage]:
        """A bar for one stage."""
        task = self._progress.add_task(f"{name:<9}", total=total, note="")
        if not self._console.is_terminal:
            self._console.print(f"{name} ({total:,})")
        yield Stage(self._progress, task, self._console)

    def show_waiting(self, reason: str) -> None:
        """Why nothing moves at the moment; "" when it moves again."""
        for task in self._progress.tasks:
            if not task.finished:
                self._progress.update(task.id, note=f"waiting: {safe(reason)}" if reason else "")
