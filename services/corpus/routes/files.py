"""`/v1/files`: uploaded files, in OpenAI's API."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from services.corpus.dependencies import CorpusParts, FilesCursor
from services.corpus.routes.listing import listing
from services.corpus.schemas import Listing
from services.shared.components.catalogue import files
from services.shared.components.catalogue.files import FileRecord, file_not_found
from services.shared.contracts.openai import FileObject
from services.shared.contracts.receipts import DeletedWithReceipt
from services.shared.kit.context import principal

router = APIRouter(prefix="/v1/files")


@router.post("")
async def upload_file(request: Request, corpus: CorpusParts) -> FileObject:
    """Store a file; it is on disk when this answers."""
    declared = request.headers.get("content-length", "")
    record = await corpus.uploads.receive(
        request.stream(),
        content_type=request.headers.get("content-type", ""),
        content_length=int(declared) if declared.isdigit() else None,
    )
    return _shown(record)


@router.get("")
def list_files(corpus: CorpusParts, cursor: FilesCursor, purpose: str | None = None) -> Listing[FileObject]:
    """A page of the files, newest first."""
    with corpus.catalogue.read() as connection:
        page = files.page(connection, cursor, purpose=purpose)
    return listing(page, show=_shown, id_of=lambda file: file.id)


@router.get("/{file_id}")
def get_file(file_id: str, corpus: CorpusParts) -> FileObject:
    """One file's record."""
    return _shown(_record(corpus, file_id))


@router.get("/{file_id}/content")
def get_file_content(file_id: str, corpus: CorpusParts) -> FileResponse:
    """One file's bytes."""
    record = _record(corpus, file_id)
    path = corpus.blobs.path(record.sha256)
    if not path.is_file():
        raise file_not_found(file_id)
    return FileResponse(path, media_type="application/octet-stream", filename=record.filename)


@router.delete("/{file_id}")
async def delete_file(file_id: str, corpus: CorpusParts) -> DeletedWithReceipt:
    """Delete the file and the documents that stand on it."""
    receipt = await corpus.erasure.erase_file(file_id, principal=principal.get())
    return DeletedWithReceipt(id=file_id, object="file", receipt_id=receipt.id)


def _record(corpus: CorpusParts, file_id: str) -> FileRecord:
    with corpus.catalogue.read() as connection:
        return files.get(connection, file_id)


def _shown(record: FileRecord) -> FileObject:
    return FileObject(
        id=record.id,
        bytes=record.bytes,
        created_at=int(record.created_at.timestamp()),
        filename=record.filename,
        purpose=record.purpose,
        status="processed",
    )
