"""The ingest worker, as far as this service asks it: jobs reach it through the queue, previews directly."""

from pydantic import ValidationError

from services.corpus.errors import UnreadableDocumentError
from services.shared.contracts.chunking import ChunkPreview, FilePreviewRequest
from services.shared.contracts.corpus import PreviewOutcome
from services.shared.kit.errors import UpstreamError
from services.shared.kit.http import ServiceClient

_PATH = "/internal/chunks/preview"


class IngestWorker:
    """Asks a worker; it reads the file from the folder that both share."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def preview(self, request: FilePreviewRequest) -> ChunkPreview:
        """The chunks that an ingest would make of a file.

        Raises:
            UnreadableDocumentError: it would make none, for this reason.
            UnavailableError: the worker is not up.
        """
        answer = await self._client.post_json(_PATH, request.model_dump(mode="json"))
        try:
            outcome = PreviewOutcome.model_validate(answer)
        except ValidationError as error:
            raise UpstreamError(f"The ingest worker's preview could not be read: {error}.") from error
        if outcome.failure is not None:
            raise UnreadableDocumentError(outcome.failure)
        if outcome.preview is None:
            raise UpstreamError("The ingest worker's preview is empty.")
        return outcome.preview
