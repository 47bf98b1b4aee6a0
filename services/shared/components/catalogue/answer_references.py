"""The answers that stand on what is deleted: kept by the orchestrator, as records and conversations."""

from collections.abc import AsyncGenerator, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from services.shared.components.catalogue.settings import CatalogueSettings
from services.shared.contracts.receipts import Receipt
from services.shared.contracts.references import (
    FORGET,
    MOST_DOCUMENTS,
    NO_REFERENCES,
    REFERENCES,
    References,
    ReferencesTo,
)
from services.shared.kit.errors import UpstreamError
from services.shared.kit.http import ServiceClient


@dataclass(frozen=True)
class AnswerReferences:
    """Asks the orchestrator, where there is one.

    Of documents that were put in again after the deletion (`again`) only answers from before it are meant.
    Every method raises PlatformError when the orchestrator cannot be asked.
    """

    orchestrator: ServiceClient | None

    async def forget(self, receipt: Receipt, again: Collection[str]) -> References:
        """Remove them; how many there were."""
        return await self._ask(FORGET, receipt, again)

    async def left(self, receipt: Receipt, again: Collection[str]) -> References:
        """How many there are."""
        return await self._ask(REFERENCES, receipt, again)

    async def _ask(self, path: str, receipt: Receipt, again: Collection[str]) -> References:
        total = NO_REFERENCES
        if self.orchestrator is None:
            return total
        for meant in _portions(receipt, again):
            answer = await self.orchestrator.post_json(path, meant.model_dump(mode="json"))
            try:
                total += References.model_validate(answer)
            except ValidationError as error:
                raise UpstreamError(f"What the orchestrator says of answers could not be read: {error}.") from error
        return total


@asynccontextmanager
async def open_answer_references(settings: CatalogueSettings) -> AsyncGenerator[AnswerReferences]:
    """The way to the orchestrator, while the block runs."""
    if not settings.receipts_cover_answers:
        yield AnswerReferences(None)
        return
    async with ServiceClient(settings.orchestrator_url, audience="orchestrator", settings=settings) as orchestrator:
        yield AnswerReferences(orchestrator)


def _portions(receipt: Receipt, again: Collection[str]) -> Iterator[ReferencesTo]:
    ids = [each.document_id for each in receipt.documents]
    gone, returned = [each for each in ids if each not in again], [each for each in ids if each in again]
    for some, until in ((gone, datetime.now(UTC)), (returned, receipt.requested_at)):
        for start in range(0, len(some), MOST_DOCUMENTS):
            yield ReferencesTo(document_ids=some[start : start + MOST_DOCUMENTS], until=until)
    if receipt.subject == "principal":
        yield ReferencesTo(principal=receipt.subject_name, until=receipt.requested_at)
