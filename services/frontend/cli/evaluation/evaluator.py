"""Has the evaluator (`pipelines/evaluate`) carry out an order, in a process of its own, and shows how far it is."""

import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress, TaskID

from services.frontend.cli.exits import CliError, ExitCode, InterruptedByUserError
from services.frontend.cli.terminal import notices, progress_bar, safe
from services.shared.contracts.evaluation import EVENT, AnyOrder, Refusal, ReportWritten, StageProgress

_EXIT_CODES = {"input": ExitCode.USAGE, "unreachable": ExitCode.NOT_UP}
_END_S = 10


@contextmanager
def report_file(out: Path | None) -> Generator[Path]:
    """Where the report goes: the file asked for, else one that is gone afterwards.

    Raises:
        CliError: its folder is not there.
    """
    if out is not None and str(out) != "-":
        if not out.parent.is_dir():
            raise CliError(f"There is no folder {out.parent} to write {out.name} to.", exit_code=ExitCode.USAGE)
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="ragworks-eval-") as folder:
        yield Path(folder) / "report.json"


def evaluate(order: AnyOrder) -> None:
    """Return when the report is written.

    Raises:
        CliError: there is none; it says why.
    """
    command = [sys.executable, "-P", "-m", "pipelines.evaluate"]  # -P: nothing of the folder that the user is in
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            ended = _follow(process, order)
            process.wait(_END_S)
        except KeyboardInterrupt as error:
            process.terminate()
            raise InterruptedByUserError(
                "Stopped. What was sent is ingested in the background.",
                hint="The same command again goes on from there.",
            ) from error
        if not isinstance(ended, ReportWritten):
            errors.seek(0)
            raise _failure(ended, errors.read().decode(errors="replace"))


def _follow(process: "subprocess.Popen[bytes]", order: AnyOrder) -> Refusal | ReportWritten | None:
    """Show what the evaluator tells; its last word, or None when it had none."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
    process.stdin.write(_as_json(order))
    process.stdin.close()
    with progress_bar(notices()) as progress:
        shown = _Stages(progress)
        for line in process.stdout:
            event = EVENT.validate_json(line)
            if not isinstance(event, StageProgress):
                return event
            shown.show(event)
    return None


class _Stages:
    """A bar for each stage; one line for each where there is no terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def show(self, event: StageProgress) -> None:
        if event.stage not in self._tasks:
            self._tasks[event.stage] = self._progress.add_task(f"{safe(event.stage):<18}", total=event.total, note="")
            if not self._progress.console.is_terminal:
                self._progress.console.print(f"{safe(event.stage)} ({event.total:,})")
        self._progress.update(self._tasks[event.stage], completed=event.done, note=safe(event.note))


def _as_json(order: AnyOrder) -> bytes:
    return order.model_dump_json().encode()


def _failure(ended: Refusal | None, errors: str) -> CliError:
    if ended is None:
        last = errors.strip().rsplit("\n", maxsplit=1)[-1] or "it said nothing"
        return CliError(f"The evaluation ended early: {last}")
    return CliError(ended.message, hint=ended.hint, exit_code=_EXIT_CODES.get(ended.reason))
