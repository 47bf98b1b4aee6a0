"""A file as a multipart form (RFC 7578), sent in blocks, so that its size does not matter."""

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
    """The form of `POST /v1/files` for one file."""

    path: Path
    name: str
    size_bytes: int
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
            UnreadableFileError: the file ended early or cannot be read.
        """
        yield self._start()
        try:
            with self.path.open("rb") as content:
                yield from _exactly(content, self.size_bytes)
        except OSError as error:
            raise UnreadableFileError(error.strerror or str(error)) from error
        yield self._end()

    def _start(self) -> bytes:
        safe_name = self.name.translate(str.maketrans({"\\": "_", '"': "_", "\r": "_", "\n": "_"}))
        return (
            f'--{self.boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
            f'--{self.boundary}\r\ncontent-disposition: form-data; name="file"; filename="{safe_name}"\r\n'
            "content-type: application/octet-stream\r\n\r\n"
        ).encode(errors="replace")

    def _end(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


def _exactly(content: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    left = size_bytes
    while left > 0:
        block = content.read(min(_BLOCK_BYTES, left))
        if not block:
            raise UnreadableFileError("it became shorter while it was read")
        left -= len(block)
        yield block
