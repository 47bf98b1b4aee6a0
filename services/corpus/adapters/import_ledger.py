"""What an import writes to ledger and disk: originals and documents together, or neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.shared.components.archives.layout import InvalidArchiveError
from services.shared.components.catalogue import files, imports
from services.shared.components.catalogue.blobs import BlobStore, BlobWriter
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.catalogue.files import FileRecord
from services.shared.components.catalogue.imports import Import
from services.shared.contracts.archives import ArchivedDocument
from services.shared.contracts.chunks import document_id


@dataclass(frozen=True)
class ImportLedger:
    """The ledger's side of one import."""

    catalogue: Catalogue
    blobs: BlobStore
    running: Import

    def add(self, archived: Sequence[ArchivedDocument], originals: Mapping[str, BlobWriter]) -> dict[int, FileRecord]:
        """Put originals in place and record the documents that have them; their files by the documents' numbers.

        Raises:
            InvalidArchiveError: they do not fit together, or to what came before.
            ConflictError: the import was given up.
        """
        _check_each_once(archived)
        with self.catalogue.write() as connection:
            imports.renew(connection, self.running)
            self._check_known(connection, archived)
            for sha256 in dict.fromkeys(each.version for each in archived):
                self._place(connection, sha256, originals.get(sha256))
            return imports.add(connection, self.running, archived)

    def renew(self) -> None:
        """Say that the import is at work."""
        with self.catalogue.write() as connection:
            imports.renew(connection, self.running)

    def complete(self) -> list[str]:
        """Make all of it visible; jobs that are to follow."""
        with self.catalogue.write() as connection:
            return imports.complete(connection, self.running)

    def give_up(self) -> bool:
        """Leave all of it to be removed; False when it is complete already."""
        with self.catalogue.write() as connection:
            return imports.give_up(connection, self.running)

    def _place(self, connection: Connection, sha256: str, original: BlobWriter | None) -> None:
        files.lock_blob(connection, sha256)
        if original is not None:
            self.blobs.put(original)
        elif not imports.has_original(connection, self.running, sha256):
            raise InvalidArchiveError(f"The archive has no original {sha256}, which one of its documents is made from.")

    def _check_known(self, connection: Connection, archived: Sequence[ArchivedDocument]) -> None:
        seed = self.running.collection.seed
        owners = {each.copy_of: each for each in archived if each.copy_of is not None}
        ids = [document_id(seed, source) for source in (*(each.source for each in archived), *owners)]
        known = imports.known(connection, self.running, ids)
        for each in archived:
            if document_id(seed, each.source) in known:
                raise InvalidArchiveError(f"The document {each.source!r} is in the archive twice.")
        versions = {document_id(seed, each.source): (each.version, each.copy_of) for each in archived} | known
        for source, reference in owners.items():
            if not self.running.embeds and versions.get(document_id(seed, source)) != (reference.version, None):
                raise InvalidArchiveError(
                    f"{reference.source!r} is a copy of {source!r}, which the archive does not have in this version."
                )


def _check_each_once(archived: Sequence[ArchivedDocument]) -> None:
    sources = {each.source for each in archived}
    if len(sources) != len(archived):
        raise InvalidArchiveError("A document is in the archive twice.")
