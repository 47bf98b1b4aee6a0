"""A worker on the cluster: holds parsers, tokenizer, embedder and index, and runs the stages on what it is sent."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar, cast

from pipelines.ingest.batch import Batch
from pipelines.ingest.opening import open_tools
from pipelines.ingest.patience import Patience, ServiceGaveUpError, first_given_up
from pipelines.ingest.scale.messages import GaveUp, Report, Task, decode, encode
from pipelines.ingest.scale.notebook import Notebook
from pipelines.ingest.settings import IngestSettings
from services.shared.components.catalogue.work import RunningJob
from services.shared.kit.telemetry import configure_telemetry

T = TypeVar("T")
TASKS, REPORT = "tasks", "report"


class IngestNode:
    """What Ray Data calls with blocks of tasks; its connections live on an event loop of its own."""

    def __init__(self, settings: IngestSettings, job: RunningJob, gate: object) -> None:
        configure_telemetry(settings)
        self._job = job
        self._gate = cast("Any", gate)  # a handle of `Gate`
        self._stack = AsyncExitStack()  # closed by the end of the process
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="ingest", daemon=True).start()
        self._tools = self._wait_for(self._stack.enter_async_context(open_tools(settings)))

    def __call__(self, blocks: object) -> object:
        """A report for each block of tasks; both are Arrow tables."""
        import pyarrow as pa

        reports = [self._wait_for(self._ingest(_tasks(block.as_py()))) for block in cast("Any", blocks)[TASKS]]
        return pa.table({REPORT: pa.array([encode(report) for report in reports], pa.binary())})

    async def _ingest(self, tasks: Sequence[Task]) -> Report:
        patience = Patience(self._tools.retry_window, report=self._tell)
        notebook = Notebook(self._tools, tasks, gate_open=self._gate_open, patience=patience)
        batch = Batch(self._tools, self._job, desk=notebook, patience=patience)
        try:
            await batch.run([task.pending for task in tasks])
        except* ServiceGaveUpError as group:
            error = first_given_up(group)
            notebook.report.gave_up = GaveUp(error.stage, error.error.code, error.error.message)
        return notebook.report

    async def _gate_open(self) -> bool:
        return bool(await asyncio.wrap_future(self._gate.is_open.remote().future()))

    async def _tell(self, message: str | None) -> None:
        await asyncio.wrap_future(self._gate.wait_for.remote(message).future())

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _tasks(block: bytes) -> tuple[Task, ...]:
    return cast("tuple[Task, ...]", decode(block))
