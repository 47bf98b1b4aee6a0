"""Snapshots: a collection as one tar file, with its configuration inside."""

import asyncio
import hashlib
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import pydantic

from services.vectordb.adapters.collection import Collection
from services.vectordb.adapters.durable_files import sync_folder
from services.vectordb.adapters.engine_errors import engine_call
from services.vectordb.adapters.shard import Shard
from services.vectordb.adapters.shard_copy import copy_shard, data_bytes, remove_folder
from services.vectordb.adapters.store import Store
from services.vectordb.domain.configuration import CollectionRecord
from services.vectordb.domain.fields import JsonObject
from services.vectordb.domain.names import check_snapshot_name
from services.vectordb.errors import EngineError, NotFoundError, WrongInputError

_RECORD_FILE = "ragworks-collection.json"
_SUFFIX = ".snapshot"
_READ_BYTES = 1024 * 1024


class Snapshots:
    """Makes, lists, finds, deletes and restores snapshots."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, collection: Collection) -> JsonObject:
        """A snapshot of the collection as it is now. Writes pause while the files are copied, reads go on."""
        copy = self._store.layout.new_scratch()
        partial = self._store.layout.new_scratch(".tar")
        try:
            with engine_call():
                await self._copy(collection, copy)
                await _pack(copy, partial)
                path = self._new_path(collection.name)
                await asyncio.to_thread(_publish, partial, path)
        finally:
            await asyncio.to_thread(remove_folder, copy)
            partial.unlink(missing_ok=True)
        return _describe(path)

    def list(self, collection: Collection) -> list[JsonObject]:
        """All snapshots of a collection."""
        return [_describe(path) for path in sorted(self._folder(collection.name).glob(f"*{_SUFFIX}"))]

    def find(self, collection: Collection, name: str) -> Path:
        """A snapshot's file; NotFoundError when there is none of this name."""
        path = self._folder(collection.name) / check_snapshot_name(name)
        if not path.is_file():
            raise NotFoundError(f"Snapshot `{name}` not found")
        return path

    def delete(self, collection: Collection, name: str) -> None:
        """Remove a snapshot."""
        path = self.find(collection, name)
        path.unlink()
        path.with_name(path.name + ".checksum").unlink(missing_ok=True)

    def local(self, location: str) -> Path:
        """A snapshot named by a file:// address inside our own snapshot folder."""
        path = Path(location.removeprefix("file://")).resolve()
        if not path.is_relative_to(self._store.layout.snapshots.resolve()) or not path.is_file():
            raise NotFoundError(f"Snapshot {location} is not a file of the snapshot folder")
        return path

    async def restore(self, name: str, source: BinaryIO) -> None:
        """Make the snapshot the content of the collection, which is created when it is not there.

        Raises:
            WrongInputError: the file is not a snapshot of this service.
        """
        target = self._store.layout.new_shard()
        self._store.reserve.check_write(source.seek(0, 2))
        source.seek(0)
        adopted = False
        try:
            with engine_call():
                await asyncio.to_thread(_unpack, source, target)
                record = _read_record(target).model_copy(update={"shard": target.name})
                shard = Shard.open(target)
                shard.flush()
            await self._adopt(name, record, shard)
            adopted = True
        finally:
            if not adopted:
                await asyncio.to_thread(remove_folder, target)

    async def _adopt(self, name: str, record: CollectionRecord, shard: Shard) -> None:
        adopted = False
        try:
            if self._store.exists(name):
                collection = self._store.get(name)
                async with collection.writes:
                    if collection.journal is not None:
                        collection.journal.broken = True  # a build under way is of data that is about to go
                    await self._store.switch_shard(collection, record, shard)
            else:
                self._store.adopt(name, record, shard)
            adopted = True
        finally:
            if not adopted:
                shard.close()

    async def _copy(self, collection: Collection, target: Path) -> None:
        async with collection.writes:
            collection.flush()
            self._store.reserve.check_write(2 * data_bytes(collection.shard.path))
            await asyncio.to_thread(copy_shard, collection.shard.path, target)
            (target / _RECORD_FILE).write_text(collection.record.model_dump_json(exclude_none=True))

    def _folder(self, name: str) -> Path:
        return self._store.layout.snapshots / name

    def _new_path(self, name: str) -> Path:
        moment = datetime.now(UTC).strftime("%Y-%m-%d-%H-%M-%S")
        return self._folder(name) / f"{name}-{uuid4().hex[:8]}-{moment}{_SUFFIX}"


async def _pack(folder: Path, target: Path) -> None:
    """A tar of the folder. GNU tar, because it keeps holes as holes: the engine's files are mostly holes."""
    process = await asyncio.create_subprocess_exec(
        "tar",
        "--create",
        "--sparse",
        "--format=gnu",
        f"--file={target}",
        f"--directory={folder}",
        ".",
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    if process.returncode != 0:
        raise EngineError(f"the snapshot could not be written: {complaint.decode(errors='replace').strip()}")


def sha256_of(file: BinaryIO) -> str:
    """The digest of a file's content, as hexadecimal digits."""
    digest = hashlib.sha256()
    file.seek(0)
    while part := file.read(_READ_BYTES):
        digest.update(part)
    return digest.hexdigest()


def _publish(partial: Path, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with partial.open("rb") as file:
        path.with_name(path.name + ".checksum").write_text(sha256_of(file))
    partial.replace(path)
    sync_folder(path.parent)


def _unpack(source: BinaryIO, target: Path) -> None:
    target.mkdir(parents=True)
    try:
        with tarfile.open(fileobj=source, mode="r:") as archive:
            archive.extractall(target, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise WrongInputError(f"The snapshot cannot be read: {error}") from error


def _read_record(folder: Path) -> CollectionRecord:
    path = folder / _RECORD_FILE
    try:
        record = CollectionRecord.model_validate_json(path.read_bytes())
    except (FileNotFoundError, pydantic.ValidationError) as error:
        raise WrongInputError(
            "The file is not a snapshot of the embedded vector database; a Qdrant server's needs a Qdrant server"
        ) from error
    path.unlink()
    return record


def _describe(path: Path) -> JsonObject:
    state = path.stat()
    checksum = path.with_name(path.name + ".checksum")
    return {
        "name": path.name,
        "creation_time": datetime.fromtimestamp(state.st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "size": state.st_size,
        "checksum": checksum.read_text() if checksum.exists() else None,
    }
