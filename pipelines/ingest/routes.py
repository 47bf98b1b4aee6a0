"""`/internal/chunks/preview`: what the corpus service, which has no parsers, asks the worker."""

from fastapi import APIRouter, Request

from pipelines.ingest.draft import DocumentFailedError
from pipelines.ingest.preview import preview
from pipelines.ingest.tools import Tools
from services.shared.contracts.chunking import FilePreviewRequest
from services.shared.contracts.corpus import PreviewOutcome

router = APIRouter()


@router.post("/internal/chunks/preview")
async def preview_chunks(body: FilePreviewRequest, request: Request) -> PreviewOutcome:
    """The chunks of a stored file, or why it has none: for the caller both are an answer."""
    tools: Tools = request.app.state.tools
    try:
        return PreviewOutcome(preview=await preview(tools, body))
    except DocumentFailedError as error:
        return PreviewOutcome(failure=error.reason)
