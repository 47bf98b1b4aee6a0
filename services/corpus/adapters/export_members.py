"""Puts documents that are ready into an archive, and counts them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack
from typing import BinaryIO

from services.corpus.adapters.export_records import document_line
from services.corpus.adapters.export_spool import Parts, Written
from services.shared.components.archives.layout import MANIFEST, original_name, part_name
from services.shared.components.archives.writer import ArchiveWriter
from services.shared.components.catalogue.blobs import BlobStore
from services.shared.components.catalogue.exports import Exportable
from services.shared.contracts.archives import ArchiveManifest, LeftOut

_BLOCK_BYTES = 1024 * 1024
_SHOWN_LEFT_OUT = 1_000

Originals = Mapping[str, BinaryIO]
"""Open files by hash: what is open stays readable when it is deleted meanwhile."""


class ArchiveMembers:
    """The members of an archive that is being written."""

    def __init__(self, writer: ArchiveWriter, blobs: BlobStore, written: Written) -> None:
        self.written = written
        self._writer = writer
        self._blobs = blobs
        self._documents = self._chunks = self._originals = self._original_bytes = 0
        self._document_parts = self._chunk_parts = 0
        self._left_out_total = 0
        self._left_out: list[LeftOut] = []

    @property
    def next_number(self) -> int:
        """The number of the next document."""
        return self._documents + 1

    def refers(self, document: Exportable) -> bool:
        """Whether the archive has the document's chunks already, with the document whose they are."""
        return document.copy_of is not None and self.written.version(document.copy_of) == document.version

    def open_originals(self, documents: Sequence[Exportable], stack: ExitStack) -> tuple[list[Exportable], Originals]:
        """The documents whose originals are there, and those originals that the archive has not got yet."""
        there: list[Exportable] = []
        opened: dict[str, BinaryIO] = {}
        for each in documents:
            needed = each.version not in opened and not self.written.has_original(each.version)
            try:
                if needed:
                    opened[each.version] = stack.enter_context(self._blobs.path(each.version).open("rb"))
            except FileNotFoundError:
                continue
            if each.filename is not None:
                there.append(each)
        return there, opened

    def leave_out(self, document: Exportable, reason: str) -> None:
        """Note a document that is not in the archive."""
        self.written.add(document.id, "", source=document.source)
        self._left_out_total += 1
        if len(self._left_out) < _SHOWN_LEFT_OUT:
            self._left_out.append(LeftOut(source=document.source, reason=reason))

    async def unit(self, documents: Sequence[Exportable], parts: Parts, originals: Originals) -> AsyncGenerator[bytes]:
        """Originals, documents, chunks and vectors, in the order in which an import needs them."""
        if not documents:
            return
        for sha256 in dict.fromkeys(each.version for each in documents if each.version in originals):
            async for piece in self._original(sha256, originals[sha256]):
                yield piece
        self._document_parts += 1
        lines = await asyncio.to_thread(self._lines, documents)
        yield self._writer.member(part_name("documents", self._document_parts), lines)
        for chunks, vectors in parts.take():
            self._chunk_parts += 1
            yield self._writer.member(part_name("chunks", self._chunk_parts), chunks)
            yield self._writer.member(part_name("vectors", self._chunk_parts), vectors)

    def manifest(self) -> bytes:
        """The member that says how much it was."""
        manifest = ArchiveManifest(
            documents=self._documents,
            chunks=self._chunks,
            originals=self._originals,
            original_bytes=self._original_bytes,
            left_out_total=self._left_out_total,
            left_out=self._left_out,
        )
        return self._writer.member(MANIFEST, manifest.model_dump_json(indent=1).encode())

    async def _original(self, sha256: str, file: BinaryIO) -> AsyncGenerator[bytes]:
        size = file.seek(0, 2)
        file.seek(0)
        yield self._writer.begin(original_name(sha256), size)
        while block := await asyncio.to_thread(file.read, _BLOCK_BYTES):
            yield self._writer.piece(block)
        yield self._writer.end()
        self.written.add_original(sha256)
        self._originals += 1
        self._original_bytes += size

    def _lines(self, documents: Sequence[Exportable]) -> bytes:
        lines: list[bytes] = []
        for each in documents:
            refers = self.refers(each)
            owner = self.written.source(each.copy_of) if refers and each.copy_of else None
            lines.append(document_line(each, self.next_number, copy_of=owner))
            self._documents += 1
            self._chunks += 0 if refers else each.chunks
            self.written.add(each.id, "" if refers else each.version, source=each.source)
        return b"".join(lines)
