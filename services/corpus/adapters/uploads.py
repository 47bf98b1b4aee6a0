"""Taking a file in: its bytes to a blob, its record to the ledger, both or neither."""

import asyncio
import re
from collections.abc import AsyncIterable
from dataclasses import dataclass

from services.corpus.adapters.multipart import UploadForm, read_upload
from services.corpus.domain.names import plain_filename
from services.corpus.errors import file_too_large
from services.shared.components.catalogue import files
from services.shared.components.catalogue.blobs import BlobStore, BlobWriter
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.files import FileRecord
from services.shared.contracts.corpus import UPLOAD_FORM_BYTES
from services.shared.kit.errors import InvalidRequestError

_DEFAULT_PURPOSE = "assistants"
_PURPOSE = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Uploads:
    """Stores uploaded files."""

    catalogue: Catalogue
    blobs: BlobStore
    max_bytes: int

    async def receive(self, body: AsyncIterable[bytes], *, content_type: str, content_length: int | None) -> FileRecord:
        """Store the file of an upload form.

        Raises:
            InvalidRequestError: no such form.
            PayloadTooLargeError: the file is over the limit.
            StorageFullError: the disk is full; nothing was kept.
        """
        if content_length is not None and content_length > self.max_bytes + UPLOAD_FORM_BYTES:
            raise file_too_large(self.max_bytes)
        with self.blobs.begin() as writer:
            form = await read_upload(content_type, body, sink=lambda data: self._append(writer, data))
            return await asyncio.to_thread(self._keep, writer, form)

    async def _append(self, writer: BlobWriter, data: bytes) -> None:
        if writer.size + len(data) > self.max_bytes:
            raise file_too_large(self.max_bytes)
        await asyncio.to_thread(writer.write, data)

    def _keep(self, writer: BlobWriter, form: UploadForm) -> FileRecord:
        purpose = form.fields.get("purpose") or _DEFAULT_PURPOSE
        if not _PURPOSE.fullmatch(purpose):
            raise InvalidRequestError(
                f"'{purpose[:80]}' is no purpose; use 'assistants' or 'user_data'.", param="purpose"
            )
        writer.finish()
        with self.catalogue.write() as connection:
            files.lock_blob(connection, writer.sha256)
            self.blobs.put(writer)
            return files.create(
                connection,
                sha256=writer.sha256,
                size=writer.size,
                filename=plain_filename(form.filename),
                purpose=purpose,
            )
