"""The parts a route may use, by name."""

from dataclasses import dataclass
from typing import cast

from pydantic import SecretStr
from starlette.requests import Request

from services.vectordb.adapters.collection import Collection
from services.vectordb.adapters.indexer import Indexer, IndexerLimits
from services.vectordb.adapters.layout import Layout
from services.vectordb.adapters.snapshots import Snapshots
from services.vectordb.adapters.store import Store, StoreLimits
from services.vectordb.settings import VectorDbSettings


@dataclass(frozen=True)
class Parts:
    """What `app.py` built."""

    store: Store
    snapshots: Snapshots
    api_key: SecretStr
    max_body_bytes: int


def build_store(settings: VectorDbSettings) -> Store:
    """The store of the data folder, not opened yet."""
    limits = StoreLimits(
        search_threads=settings.vectordb_search_threads,
        wal_segment_bytes=settings.vectordb_wal_segment_bytes,
        min_free_bytes=settings.vectordb_min_free_bytes,
    )
    return Store(Layout(settings.data_dir), limits)


def build_indexer(settings: VectorDbSettings, store: Store) -> Indexer:
    """The background task that keeps indexes; not started yet."""
    limits = IndexerLimits(
        threshold_points=settings.vectordb_indexing_threshold,
        indexing_threads=settings.vectordb_indexing_threads,
        search_threads=settings.vectordb_search_threads,
        check_every=settings.vectordb_index_check,
    )
    return Indexer(store, limits)


def parts_of(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


def store_of(request: Request) -> Store:
    return parts_of(request).store


def collection_of(request: Request) -> Collection:
    """The collection the path names, by its name or an alias."""
    return store_of(request).get(request.path_params["name"])
