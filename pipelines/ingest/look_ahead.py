"""How things stand with the documents of a batch, read for several at once before each is begun."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.ingest.ledger import Ledger
from services.shared.components.catalogue.work import PendingDocument, RunningJob, Standing

_TOGETHER = 32
_FRESH_S = 0.5
"""How long what was read counts: a job that is paused or cancelled begins no document later than this."""


@dataclass(frozen=True)
class Look:
    """How things stood with a document a moment ago, and whether an equal one may be there to refer to."""

    standing: Standing
    may_refer: bool


class LookAhead:
    """Reads as many documents ahead as can be begun soon: where each takes long, it reads each on its own.

    What it says is out of date by a moment, as anything read before the work is: whoever commits looks again.
    """

    def __init__(self, ledger: Ledger, job: RunningJob) -> None:
        self._ledger = ledger
        self._job = job
        self._expected: Sequence[PendingDocument] = ()
        self._places: dict[int, int] = {}
        self._known: dict[int, Look] = {}
        self._fresh_until = 0.0
        self._one_at_a_time = asyncio.Lock()

    def expect(self, documents: Sequence[PendingDocument]) -> None:
        """The documents that will be asked for, in their order."""
        self._expected = documents
        self._places = {document.position: place for place, document in enumerate(documents)}

    async def look(self, pending: PendingDocument) -> Look:
        """How things stand with the document; each is asked for once."""
        async with self._one_at_a_time:
            if pending.position not in self._known or time.monotonic() > self._fresh_until:
                await self._read(pending)
            return self._known.pop(pending.position)

    async def _read(self, pending: PendingDocument) -> None:
        place = self._places.get(pending.position)
        together = [pending] if place is None else self._expected[place : place + _TOGETHER]
        began = time.monotonic()
        looks = await self._ledger.look(self._job, together)
        self._known = {document.position: Look(*look) for document, look in zip(together, looks, strict=True)}
        self._fresh_until = began + _FRESH_S
