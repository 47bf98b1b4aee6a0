"""All collections and aliases of the one data folder this process owns."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from services.shared.kit.telemetry import get_logger
from services.vectordb.adapters.catalogue import Catalogue
from services.vectordb.adapters.changes import Change
from services.vectordb.adapters.collection import Collection
from services.vectordb.adapters.disk_reserve import DiskReserve
from services.vectordb.adapters.engine_errors import engine_call
from services.vectordb.adapters.layout import Layout
from services.vectordb.adapters.owner_lock import OwnerLock
from services.vectordb.adapters.payload_indexes import schema_to_keep
from services.vectordb.adapters.shard import Shard
from services.vectordb.adapters.shard_copy import data_bytes, remove_folder
from services.vectordb.domain.aliases import AliasAction, apply_alias_actions
from services.vectordb.domain.configuration import CollectionConfig, CollectionRecord
from services.vectordb.domain.fields import JsonObject, as_text, required
from services.vectordb.domain.indexing import same_index
from services.vectordb.domain.names import check_name
from services.vectordb.errors import ConflictError, StorageFullError, VectorDbError, collection_not_found

_log = get_logger("store")


@dataclass(frozen=True)
class StoreLimits:
    """What every shard is opened with, and what must stay free on the disk."""

    search_threads: int
    wal_segment_bytes: int
    min_free_bytes: int


class Store:
    """Opens, creates, finds and deletes collections. Call `open` before anything else."""

    def __init__(self, layout: Layout, limits: StoreLimits) -> None:
        self.layout = layout
        self.reserve = DiskReserve(layout.root, limits.min_free_bytes)
        self._limits = limits
        self._lock = OwnerLock(layout.root)
        self._catalogue = Catalogue(layout.catalogue)
        self._collections: dict[str, Collection] = {}
        self._unreadable: dict[str, VectorDbError] = {}

    def open(self) -> None:
        """Take ownership of the folder, remove what a kill left behind, open every collection.

        Raises:
            OwnedElsewhereError: another process has the folder.
        """
        self.layout.prepare()
        self._lock.acquire()
        self._catalogue.load()
        self._sweep()
        for name, record in self._catalogue.state.collections.items():
            self._try_open(name, record)

    def close(self) -> None:
        """Flush and close every collection, give the folder free."""
        for collection in self._collections.values():
            collection.flush()
            collection.close()
        self._lock.release()

    @property
    def aliases(self) -> dict[str, str]:
        return self._catalogue.state.aliases

    def names(self) -> list[str]:
        return sorted(self._catalogue.state.collections)

    def opened(self) -> list[Collection]:
        return list(self._collections.values())

    def exists(self, name: str) -> bool:
        state = self._catalogue.state
        return name in state.collections or name in state.aliases

    def get(self, name: str) -> Collection:
        """The collection of this name or alias; NotFoundError when there is none."""
        actual = self.aliases.get(name, name)
        collection = self._collections.get(actual)
        if collection is not None:
            return collection
        if actual in self._unreadable:
            return self._open_again(actual)
        raise collection_not_found(name)

    def create(self, name: str, config: CollectionConfig) -> None:
        """A new, empty collection; ConflictError when the name is taken."""
        check_name(name)
        self._check_free(name)
        self.reserve.check_write()
        path = self.layout.new_shard()
        try:
            shard = self._create_shard(path, config)
            record = CollectionRecord(shard=path.name, config=config)
            self._put(name, record)
        except (VectorDbError, OSError):
            remove_folder(path)
            raise
        self._collections[name] = Collection(name, record, shard, reserve=self.reserve)

    async def delete(self, name: str) -> bool:
        """Delete the collection and its aliases; False when there was none."""
        state = self._catalogue.state
        record = state.collections.get(name)
        if record is None:
            return False
        with engine_call():
            self._catalogue.replace(
                collections={key: value for key, value in state.collections.items() if key != name},
                aliases={alias: target for alias, target in state.aliases.items() if target != name},
            )
        self._unreadable.pop(name, None)
        collection = self._collections.pop(name, None)
        if collection is not None:
            async with collection.writes:
                collection.close()
        await asyncio.to_thread(self._remove_files, record.shard, name)
        return True

    def reconfigure(self, name: str, change: Callable[[CollectionConfig], CollectionConfig]) -> None:
        """Change a collection's configuration; it takes effect when its index is next built."""
        collection = self.get(name)
        before = collection.record
        config = change(before.config)
        indexed = before.indexed_points if same_index(before.config, config) else 0
        self.put_record(collection, before.model_copy(update={"config": config, "indexed_points": indexed}))
        if indexed != before.indexed_points:
            collection.count_from(0)

    def change_aliases(self, actions: Sequence[AliasAction]) -> None:
        """Apply all actions, or none."""
        state = self._catalogue.state
        aliases = apply_alias_actions(actions, aliases=state.aliases, collections=state.collections.keys())
        with engine_call():
            self._catalogue.replace(aliases=aliases)

    async def create_index(self, collection: Collection, body: JsonObject, *, wait: bool) -> int:
        """Index a payload field."""
        field = as_text(required(body, "field_name"), "field_name")
        schema = required(body, "field_schema")
        (operation,) = await collection.apply([Change("create_index", body)], wait=wait)
        self._keep_indexes(collection, {**collection.record.payload_indexes, field: schema_to_keep(schema)})
        return operation

    async def delete_index(self, collection: Collection, field: str, *, wait: bool) -> int:
        """Drop the index of a payload field, if it has one."""
        (operation,) = await collection.apply([Change("delete_index", {"field_name": field})], wait=wait)
        indexes = collection.record.payload_indexes
        self._keep_indexes(collection, {name: kept for name, kept in indexes.items() if name != field})
        return operation

    async def switch_shard(self, collection: Collection, record: CollectionRecord, shard: Shard) -> None:
        """Make another shard the collection's current one. The caller holds the collection's write lock."""
        old = collection.shard
        self.put_record(collection, record)
        collection.shard = shard
        collection.spaces = record.config.spaces
        collection.count_from(record.indexed_points)
        old.close()
        await asyncio.to_thread(remove_folder, old.path)

    def adopt(self, name: str, record: CollectionRecord, shard: Shard) -> None:
        """A new collection from a shard that is already filled."""
        check_name(name)
        self._check_free(name)
        self._put(name, record)
        collection = Collection(name, record, shard, reserve=self.reserve)
        collection.count_from(record.indexed_points)
        self._collections[name] = collection

    def put_record(self, collection: Collection, record: CollectionRecord) -> None:
        """Make a collection's changed record durable, then current."""
        self._put(collection.name, record)
        collection.record = record

    def _keep_indexes(self, collection: Collection, indexes: dict[str, dict[str, JsonValue]]) -> None:
        self.put_record(collection, collection.record.model_copy(update={"payload_indexes": indexes}))

    def _put(self, name: str, record: CollectionRecord) -> None:
        with engine_call():
            self._catalogue.replace(collections={**self._catalogue.state.collections, name: record})

    def _check_free(self, name: str) -> None:
        if name in self._catalogue.state.collections:
            raise ConflictError(f"Collection `{name}` already exists!")
        if name in self.aliases:
            raise ConflictError(f"Can't create collection with name {name}. Alias with the same name already exists")

    def _create_shard(self, path: Path, config: CollectionConfig) -> Shard:
        limits = self._limits
        return Shard.create(
            path, config, search_threads=limits.search_threads, wal_segment_bytes=limits.wal_segment_bytes
        )

    def _try_open(self, name: str, record: CollectionRecord) -> None:
        """Open a collection; one that cannot be read must not keep the others from being served."""
        try:
            self._collections[name] = self._open_collection(name, record)
            self._unreadable.pop(name, None)
        except VectorDbError as error:
            self._unreadable[name] = error
            _log.error("collection_unreadable", collection=name, reason=error.message)

    def _open_again(self, name: str) -> Collection:
        if isinstance(self._unreadable[name], StorageFullError):  # the disk may have space again
            self._try_open(name, self._catalogue.state.collections[name])
        if name in self._unreadable:
            raise self._unreadable[name]
        return self._collections[name]

    def _open_collection(self, name: str, record: CollectionRecord) -> Collection:
        path = self.layout.shard(record.shard)
        self.reserve.check_recovery(data_bytes(path / "wal"))
        shard = Shard.open(path)
        collection = Collection(name, record, shard, reserve=self.reserve)
        collection.count_from(record.indexed_points)
        return collection

    def _remove_files(self, shard: str, name: str) -> None:
        remove_folder(self.layout.shard(shard))
        remove_folder(self.layout.snapshots / name)

    def _sweep(self) -> None:
        named = {record.shard for record in self._catalogue.state.collections.values()}
        for path in self.layout.shards.iterdir():
            if path.name not in named:
                remove_folder(path)
        for path in self.layout.scratch.iterdir():
            remove_folder(path) if path.is_dir() else path.unlink()
