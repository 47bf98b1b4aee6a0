"""The chunk index over Qdrant's API: the one place that knows the payload schema and the vectors' names.

A collection is a physical index behind the alias of its name; the alias is made last, so one that can be seen is
complete. Methods take either name: the ledger's users take the physical one, as a switch of versions moves the alias.
"""

from array import array
from collections.abc import Mapping, Sequence

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from services.shared.components.embedders.sparse import SparseVector
from services.shared.components.indexes.failures import NotIndexedError, index_errors
from services.shared.components.indexes.fields import indexed_fields
from services.shared.components.indexes.filters import Reach, among, is_hidden
from services.shared.components.indexes.names import first_index
from services.shared.components.indexes.points import (
    BM25,
    DENSE,
    ChunkOwner,
    IndexedChunk,
    any_of,
    dense_of,
    is_value,
    of_version,
    to_copy,
    to_indexed,
    to_point,
    to_sparse,
    with_alias,
    without_aliases,
)
from services.shared.contracts.chunks import ChunkPayload
from services.shared.contracts.metadata import MetadataSchema

_MOST_DOCUMENTS = 10_000_000
_SCROLLED = 256

# int8 vectors found with twice the candidates and rescored by the full ones: recall@10 0.997 of exact search.
_SEARCH = models.SearchParams(hnsw_ef=64, quantization=models.QuantizationSearchParams(rescore=True, oversampling=2.0))
_QUANTIZATION = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
)


Ranking = dict[str, float]
"""Chunk ids, best first, with their scores: cosine similarities (dense) or BM25 scores (sparse)."""


class ChunkIndex:
    """Collections of chunks in Qdrant; every method raises errors of our tree (see `index_errors`)."""

    def __init__(self, client: AsyncQdrantClient) -> None:
        self._client = client

    async def ensure_collection(self, name: str, *, dimensions: int, physical: str | None = None) -> None:
        """Make the collection unless it is there; safe to call again after any interruption."""
        target = physical or first_index(name)
        with index_errors(name):
            if await self._physical(name) is None:
                await self._create(target, dimensions)
                await self._publish(target, name)

    async def point_aliases(self, targets: Mapping[str, str]) -> None:
        """Let these names, and no others, stand for these physical indexes; all at once."""
        with index_errors("any"):
            current = (await self._client.get_aliases()).aliases
            indexes = set(targets.values())
            gone = [
                each.alias_name for each in current if each.collection_name in indexes or each.alias_name in targets
            ]
            await self._client.update_collection_aliases(
                [*without_aliases(gone), *(with_alias(name, physical) for name, physical in targets.items())]
            )

    async def index_fields(self, name: str, attributes: MetadataSchema | None = None) -> None:
        """Make the payload indexes that a collection lacks, for the attributes of its schema, too.

        It may have been made by an earlier release. Without an index, a filter reads the whole collection.
        """
        with index_errors(name):
            await self._index_fields(name, indexed_fields(attributes))

    async def delete_collection(self, name: str, *, physical: str | None = None) -> None:
        """Remove the collection and all it holds; nothing happens when there is none."""
        target = physical or first_index(name)
        with index_errors(name):
            aliases = (await self._client.get_aliases()).aliases
            gone = [each.alias_name for each in aliases if each.collection_name == target]
            if gone:
                await self._client.update_collection_aliases(without_aliases(gone))
            await self._client.delete_collection(target)

    async def upsert(self, name: str, chunks: Sequence[IndexedChunk]) -> None:
        """Store the chunks; they are searchable and durable when this returns."""
        if not chunks:
            return
        with index_errors(name):
            await self._client.upsert(name, points=[to_point(chunk) for chunk in chunks], wait=True)

    async def count_documents(self, name: str, versions: Mapping[str, str]) -> dict[str, int]:
        """How many chunks of the given version (by document id) of each document are stored."""
        if not versions:
            return {}
        wanted = models.Filter(should=[of_version(document, version) for document, version in versions.items()])
        with index_errors(name):
            found = await self._client.facet(name, "document_id", facet_filter=wanted, limit=len(versions), exact=True)
        return dict.fromkeys(versions, 0) | {str(hit.value): hit.count for hit in found.hits}

    async def count_chunks(self, name: str, document_ids: Sequence[str]) -> dict[str, int]:
        """How many chunks of each of these documents are stored, of all versions."""
        wanted = models.Filter(must=[models.FieldCondition(key="document_id", match=any_of(document_ids))])
        with index_errors(name):
            found = await self._client.facet(
                name, "document_id", facet_filter=wanted, limit=max(1, len(document_ids)), exact=True
            )
        return {str(hit.value): hit.count for hit in found.hits}

    async def vectors_of(self, name: str, document_id: str) -> "dict[str, array[float]]":
        """The dense vectors of the document's chunks, of all versions, by content hash."""
        found: dict[str, array[float]] = {}
        selected, offset = models.Filter(must=[is_value("document_id", document_id)]), None
        while True:
            with index_errors(name):
                records, offset = await self._client.scroll(
                    name,
                    scroll_filter=selected,
                    limit=_SCROLLED,
                    offset=offset,
                    with_payload=["content_hash"],
                    with_vectors=[DENSE],
                )
            found |= {str((record.payload or {})["content_hash"]): dense_of(record) for record in records}
            if offset is None:
                return found

    async def count_by_document(self, name: str, *, hidden: bool = False) -> dict[str, int]:
        """How many chunks of each document are stored, of all versions; or how many of them are hidden."""
        selected = models.Filter(must=[is_hidden()]) if hidden else None
        with index_errors(name):
            found = await self._client.facet(
                name, "document_id", facet_filter=selected, limit=_MOST_DOCUMENTS, exact=True
            )
        return {str(hit.value): hit.count for hit in found.hits if hit.count}  # a value may outlive its last point

    async def show_versions(self, name: str, versions: Mapping[str, str]) -> None:
        """Make the given version (by document id) of each document the one that is found, and remove all others.

        One request does both: services/vectordb lets no search in between, a Qdrant server hardly one.
        """
        if not versions:
            return
        shown = models.Filter(must=[is_hidden()], should=[of_version(*each) for each in versions.items()])
        others = models.Filter(
            should=[
                models.Filter(
                    must=[is_value("document_id", document)], must_not=[is_value("document_version", version)]
                )
                for document, version in versions.items()
            ]
        )
        changes: list[models.UpdateOperation] = [
            models.SetPayloadOperation(set_payload=models.SetPayload(payload={"hidden": False}, filter=shown)),
            models.DeleteOperation(delete=models.FilterSelector(filter=others)),
        ]
        with index_errors(name):
            await self._client.batch_update_points(name, update_operations=changes, wait=True)

    async def copy_document(self, name: str, document_id: str, *, owner: ChunkOwner) -> None:
        """Store the document's chunks of the owner's version once more, as the owner's; again changes nothing."""
        selected, offset = of_version(document_id, owner.document_version), None
        while True:
            with index_errors(name):
                records, offset = await self._client.scroll(
                    name, scroll_filter=selected, limit=_SCROLLED, offset=offset, with_payload=True, with_vectors=True
                )
                points = [to_copy(record, owner) for record in records]
                if points:
                    await self._client.upsert(name, points=points, wait=True)
            if offset is None:
                return

    async def count_readable(self, name: str, document_ids: Sequence[str], principal: str) -> int:
        """How many chunks of the documents name the principal as a reader."""
        theirs = models.FieldCondition(key="document_id", match=any_of(document_ids))
        selected = models.Filter(must=[theirs, is_value("access", principal)])
        with index_errors(name):
            return (await self._client.count(name, count_filter=selected, exact=True)).count

    async def set_access(self, name: str, document_ids: Sequence[str], access: Sequence[str]) -> None:
        """Let these principals, and no others, read the documents' chunks; nothing happens when the index is gone."""
        theirs = models.FieldCondition(key="document_id", match=any_of(document_ids))
        try:
            with index_errors(name):
                selected = models.Filter(must=[theirs])
                await self._client.set_payload(name, {"access": list(access)}, points=selected, wait=True)
        except NotIndexedError:
            return

    async def delete_document(self, name: str, document_id: str) -> None:
        """Remove all of the document's chunks."""
        await self.delete_documents(name, [document_id])

    async def delete_documents(self, name: str, document_ids: Sequence[str]) -> None:
        """Remove all chunks of the documents."""
        theirs = models.FieldCondition(key="document_id", match=models.MatchAny(any=list(document_ids)))
        selected = models.FilterSelector(filter=models.Filter(must=[theirs]))
        with index_errors(name):
            await self._client.delete(name, points_selector=selected, wait=True)

    async def by_meaning(
        self, name: str, vector: Sequence[float], *, reach: Reach, limit: int, also: Sequence[str] = ()
    ) -> Ranking:
        """The chunks whose dense vectors are nearest, and how near those of `also` are that are within reach."""
        nearest = _request(list(vector), using=DENSE, reach=reach, limit=limit)
        if not also:
            return await self._ranking(name, nearest)
        these = _request(list(vector), using=DENSE, reach=among(reach, also), limit=len(also))
        return await self._ranking(name, these, nearest)

    async def by_words(self, name: str, vector: SparseVector, *, reach: Reach, limit: int) -> Ranking:
        """The chunks with the best BM25 scores; none for a query of stop words alone."""
        if not vector.indices:
            return {}
        return await self._ranking(name, _request(to_sparse(vector), using=BM25, reach=reach, limit=limit))

    async def chunks(self, name: str, ids: Sequence[str]) -> dict[str, ChunkPayload]:
        """The chunks with these ids; who may read them is not asked again. Those deleted meanwhile are left out."""
        if not ids:
            return {}
        with index_errors(name):
            records = await self._client.retrieve(name, ids=list(ids), with_payload=True)
        return {str(record.id): ChunkPayload.model_validate(record.payload) for record in records}

    async def some(self, name: str, reach: Reach) -> tuple[str, ChunkPayload] | None:
        """Any chunk within reach, with its id; None when there is none."""
        with index_errors(name):
            records, _ = await self._client.scroll(name, scroll_filter=reach, limit=1, with_payload=True)
        return (str(records[0].id), ChunkPayload.model_validate(records[0].payload)) if records else None

    async def stored(self, name: str, ids: Sequence[str]) -> dict[str, IndexedChunk]:
        """The chunks with these ids as they are stored, vectors included; those that are not there are left out."""
        with index_errors(name):
            records = await self._client.retrieve(name, ids=list(ids), with_payload=True, with_vectors=True)
        return {str(record.id): to_indexed(record) for record in records}

    async def _ranking(self, name: str, *requests: models.QueryRequest) -> Ranking:
        """Sent as they are: `query_batch_points` of the client itself first copies them in search of texts to embed."""
        batch = models.QueryRequestBatch(searches=list(requests))
        with index_errors(name):
            answer = await self._client.http.search_api.query_batch_points(name, query_request_batch=batch)
        return {str(point.id): point.score for each in answer.result or [] for point in each.points}

    async def _physical(self, name: str) -> str | None:
        aliases = (await self._client.get_aliases()).aliases
        return next((alias.collection_name for alias in aliases if alias.alias_name == name), None)

    async def _create(self, physical: str, dimensions: int) -> None:
        try:
            await self._client.create_collection(
                physical,
                vectors_config={DENSE: models.VectorParams(size=dimensions, distance=models.Distance.COSINE)},
                sparse_vectors_config={BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                quantization_config=_QUANTIZATION,
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:  # made by an earlier, interrupted call or by someone else just now
                raise
        await self._index_fields(physical, indexed_fields())

    async def _index_fields(self, physical: str, wanted: Mapping[str, models.PayloadSchemaType]) -> None:
        indexed = (await self._client.get_collection(physical)).payload_schema
        for field, schema in wanted.items():
            if field not in indexed:
                await self._client.create_payload_index(physical, field_name=field, field_schema=schema, wait=True)

    async def _publish(self, physical: str, name: str) -> None:
        await self._client.update_collection_aliases([with_alias(name, physical)])


def _request(vector: list[float] | models.SparseVector, *, using: str, reach: Reach, limit: int) -> models.QueryRequest:
    params = _SEARCH if using == DENSE else None
    return models.QueryRequest(
        query=vector, using=using, filter=reach, params=params, limit=limit, with_payload=False, with_vector=False
    )
