"""A file as a multipart form (RFC 7578), sent in blocks, so that its size does not matter."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from services.frontend.cli.exits import CliError

_BLOCK_BYTES = 256 * 1024


class UnreadableFileError(CliError):
    """A file could not be read, or changed while it was."""


@dataclass(frozen=True)
class FileForm:
    """The form of `POST /v1/files` for one file, as it was when `size_bytes` and `sha256` were taken."""

    path: Path
    name: str
    size_bytes: int
    sha256: str
    boundary: str = field(default_factory=lambda: uuid.uuid4().hex)

    def headers(self) -> dict[str, str]:
        """Its type and its exact length."""
        length = len(self._start()) + self.size_bytes + len(self._end())
        return {
            "content-type": f"multipart/form-data; boundary={self.boundary}",
            "content-length": str(length),
        }

    def blocks(self) -> Iterator[bytes]:
        """The body.

        Raises:
            UnreadableFileError: the file has changed or cannot be read; the form is not complete then.
        """
        yield self._start()
        try:
            with self.path.open("rb") as content:
                yield from self._unchanged(content)
        except OSError as error:
            raise UnreadableFileError(error.strerror or str(error)) from error
        yield self._end()

    def _unchanged(self, content: BinaryIO) -> Iterator[bytes]:
        """The last block is handed out when all is known to be as it was."""
        digest, left = hashlib.sha256(), self.size_bytes
        while left > 0:
            block = content.read(min(_BLOCK_BYTES, left))
            if not block:
                raise UnreadableFileError("it became shorter while it was read")
            digest.update(block)
            left -= len(block)
            if not left and digest.hexdigest() != self.sha256:
                raise UnreadableFileError("it changed while it was read; ingest it again when it is at rest")
            yield block

    def _start(self) -> bytes:
        safe_name = self.name.translate(str.maketrans({"\\": "_", '"': "_", "\r": "_", "\n": "_"}))
        return (
            f'--{self.boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
            f'--{self.boundary}\r\ncontent-disposition: form-data; name="file"; filename="{safe_name}"\r\n'
            "content-type: application/octet-stream\r\n\r\n"
        ).encode(errors="replace")

    def _end(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()
