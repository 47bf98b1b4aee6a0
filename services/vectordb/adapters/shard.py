"""One engine shard in one folder, with the engine's errors turned into ours.

Every call holds the interpreter's lock until the engine is done, so nothing here is a coroutine and nothing is worth a
thread: calls are kept short instead.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import qdrant_edge as edge

from services.vectordb.adapters.edge_config import edge_config
from services.vectordb.adapters.engine_errors import engine_call
from services.vectordb.adapters.queries import EdgeVector
from services.vectordb.domain.configuration import CollectionConfig
from services.vectordb.domain.ids import PointId
from services.vectordb.errors import NotFoundError, WrongInputError

_ENGINE_CONFIG = "edge_config.json"


class Shard:
    """An open shard. At most one process may have it open."""

    def __init__(self, engine: edge.EdgeShard, path: Path) -> None:
        self._engine = engine
        self.path = path

    @classmethod
    def create(cls, path: Path, config: CollectionConfig, *, search_threads: int, wal_segment_bytes: int) -> Shard:
        """A new, empty shard in a folder that does not exist yet."""
        path.mkdir(parents=True)
        with engine_call():
            edge.EdgeShard.create(str(path), edge_config(config, search_threads=search_threads)).close()
        # The log's size can only be set in the engine's own file; its default reserves 64 MB for every collection.
        written = json.loads((path / _ENGINE_CONFIG).read_text())
        written["wal_options"] = {
            "segment_capacity": wal_segment_bytes,
            "segment_queue_len": 0,
            "retain_closed": 1,
        }
        (path / _ENGINE_CONFIG).write_text(json.dumps(written))
        shutil.rmtree(path / "wal")
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, config: edge.EdgeConfig | None = None) -> Shard:
        """The shard in a folder, with the log replayed."""
        with engine_call():
            return cls(edge.EdgeShard.load(str(path), config), path)

    def update(self, operation: edge.UpdateOperation) -> None:
        """Apply a write and log it; `flush` makes it durable against power loss."""
        with engine_call():
            self._engine.update(operation)

    def flush(self) -> None:
        with engine_call():
            self._engine.flush()

    def close(self) -> None:
        with engine_call():
            self._engine.close()

    def optimize(self) -> None:
        """Build indexes and merge segments until there is nothing left to do: minutes, in the builder only."""
        with engine_call():
            while self._engine.optimize():
                pass

    def query(self, request: edge.QueryRequest) -> list[edge.ScoredPoint]:
        with engine_call():
            return self._engine.query(request)

    def query_batch(self, requests: list[edge.QueryRequest]) -> list[list[edge.ScoredPoint]]:
        with engine_call():
            return self._engine.query_batch(edge.QueryBatchRequest(requests))

    def scroll(self, request: edge.ScrollRequest) -> tuple[list[edge.Record], object]:
        with engine_call():
            return self._engine.scroll(request)

    def count(self, condition: edge.Filter | None = None, *, exact: bool = True) -> int:
        with engine_call():
            return self._engine.count(edge.CountRequest(exact=exact, filter=condition))

    def facet(self, request: edge.FacetRequest) -> list[edge.FacetHit]:
        with engine_call():
            return self._engine.facet(request).hits

    def retrieve(
        self, ids: list[PointId], *, with_payload: edge.WithPayloadType, with_vector: edge.WithVectorType
    ) -> list[edge.Record]:
        with engine_call():
            return self._engine.retrieve([*ids], with_payload=with_payload, with_vector=with_vector)

    def info(self) -> edge.ShardInfo:
        with engine_call():
            return self._engine.info()

    def vector_of(self, id_: PointId, using: str) -> EdgeVector:
        """A stored point's vector under this name."""
        found = self.retrieve([id_], with_payload=False, with_vector=[using])
        if not found:
            raise NotFoundError(f"No point with id {id_} found")
        vector = found[0].vector
        named = vector.get(using) if isinstance(vector, dict) else vector
        if named is None:
            raise WrongInputError(f"Point {id_} has no vector named `{using}`")
        return named
