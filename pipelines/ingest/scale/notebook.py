"""The desk of a worker on the cluster: the ledger is out of its reach, so it takes notes for it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from pipelines.ingest.draft import Draft, JobPausedError
from pipelines.ingest.index import verify
from pipelines.ingest.patience import Patience
from pipelines.ingest.scale.messages import Report, Task
from pipelines.ingest.tools import Tools
from services.shared.components.catalogue.work import PendingDocument, StageWork, Standing
from services.shared.contracts.corpus import FailureReason


class Notebook:
    """Notes of what became of the tasks; the ledger's verdict on each was given before it was sent here."""

    def __init__(
        self, tools: Tools, tasks: Sequence[Task], *, gate_open: Callable[[], Awaitable[bool]], patience: Patience
    ) -> None:
        """`gate_open` asks the run's gate, and raises when the run is over."""
        self.report = Report()
        self._tools = tools
        self._standings = {task.pending.position: task.standing for task in tasks}
        self._gate_open = gate_open
        self._patience = patience

    def expect(self, documents: Sequence[PendingDocument]) -> None:
        """As `Desk`: all of it is known already."""

    async def begin(self, pending: PendingDocument) -> Standing | None:
        """As `Desk`."""
        if not await self._gate_open():
            raise JobPausedError
        return self._standings[pending.position]

    async def make_way(self, document_id: str, *, shared: bool) -> None:
        """As `Desk`, of which the ingest worker did its part; a worker that was given up for lost must not store."""
        del document_id, shared
        await self._gate_open()

    async def complete(self, drafts: Sequence[Draft]) -> list[tuple[Draft, FailureReason]]:
        """As `Desk`: verified; the ingest worker commits."""
        lacking = await verify(self._tools, drafts, patience=self._patience)
        failed = {id(draft) for draft, _ in lacking}
        self.report.stored += [draft.stored() for draft in drafts if id(draft) not in failed]
        return lacking

    async def fail(self, pending: PendingDocument, reason: FailureReason) -> None:
        """As `Desk`."""
        self.report.failed.append((pending, reason))

    async def add_work(self, done: Mapping[str, StageWork]) -> None:
        """As `Desk`."""
        for stage, work in done.items():
            before = self.report.work.get(stage, StageWork(0.0, 0))
            self.report.work[stage] = StageWork(before.seconds + work.seconds, before.count + work.count)
