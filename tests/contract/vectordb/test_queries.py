"""Searching: dense, sparse, by id, hybrid, and everything around it."""

import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from tests.contract.vectordb import data

_FIRST_WORD = models.SparseVector(indices=[1, 13], values=[1.0, 1.0])


@pytest.fixture
async def filled(client: AsyncQdrantClient, name: str) -> str:
    await data.fill(client, name)
    return name


async def test_the_nearest_points_come_first_with_their_scores(client: AsyncQdrantClient, filled: str) -> None:
    hits = (await client.query_points(filled, query=data.vector(2), using=data.DENSE, limit=3)).points

    assert [hit.id for hit in hits] == [2, 1, 3]
    assert hits[0].score == pytest.approx(1.0, abs=1e-6)
    assert hits[0].payload is not None
    assert hits[0].payload["number"] == 2


async def test_a_sparse_query_ranks_by_shared_rare_words(client: AsyncQdrantClient, filled: str) -> None:
    hits = (await client.query_points(filled, query=_FIRST_WORD, using=data.SPARSE, limit=2)).points

    assert hits[0].id == 3
    assert hits[0].score > hits[1].score > 0


async def test_a_query_by_id_leaves_that_point_out(client: AsyncQdrantClient, filled: str) -> None:
    hits = (await client.query_points(filled, query=2, using=data.DENSE, limit=2)).points

    assert [hit.id for hit in hits] == [1, 3]


async def test_a_query_by_an_unknown_id_is_not_found(client: AsyncQdrantClient, filled: str) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        await client.query_points(filled, query=4711, using=data.DENSE)
    assert caught.value.status_code == 404


async def test_offset_threshold_and_selectors_shape_the_answer(client: AsyncQdrantClient, filled: str) -> None:
    second = await client.query_points(
        filled, query=data.vector(0), using=data.DENSE, limit=1, offset=1, with_payload=["city"], with_vectors=True
    )
    strict = await client.query_points(filled, query=data.vector(0), using=data.DENSE, score_threshold=0.999)

    assert [hit.id for hit in second.points] == [1]
    assert second.points[0].payload == {"city": "Paris"}
    assert isinstance(second.points[0].vector, dict)
    assert set(second.points[0].vector) == {data.DENSE, data.SPARSE}
    assert [hit.id for hit in strict.points] == [0]


async def test_a_query_without_a_vector_lists_points(client: AsyncQdrantClient, filled: str) -> None:
    assert len((await client.query_points(filled, limit=4)).points) == 4


async def test_a_search_without_matches_is_empty_not_an_error(client: AsyncQdrantClient, filled: str) -> None:
    nowhere = models.Filter(must=[models.FieldCondition(key="city", match=models.MatchValue(value="Oslo"))])

    assert (
        await client.query_points(filled, query=data.vector(0), using=data.DENSE, query_filter=nowhere)
    ).points == []


@pytest.mark.parametrize("fusion", [models.Fusion.RRF, models.Fusion.DBSF])
async def test_hybrid_prefetches_are_fused(client: AsyncQdrantClient, filled: str, fusion: models.Fusion) -> None:
    hits = (
        await client.query_points(
            filled,
            prefetch=[
                models.Prefetch(query=data.vector(3), using=data.DENSE, limit=5),
                models.Prefetch(query=_FIRST_WORD, using=data.SPARSE, limit=5),
            ],
            query=models.FusionQuery(fusion=fusion),
            limit=3,
        )
    ).points

    assert hits[0].id == 3


async def test_weighted_rrf_prefers_the_heavier_branch(client: AsyncQdrantClient, filled: str) -> None:
    dense = models.Prefetch(query=data.vector(9), using=data.DENSE, limit=2)
    sparse = models.Prefetch(query=_FIRST_WORD, using=data.SPARSE, limit=1)

    async def first(weights: list[float]) -> object:
        query = models.RrfQuery(rrf=models.Rrf(weights=weights))
        return (await client.query_points(filled, prefetch=[dense, sparse], query=query, limit=1)).points[0].id

    assert (await first([5.0, 1.0]), await first([1.0, 5.0])) == (9, 3)


async def test_prefetches_nest_and_carry_their_own_filters(client: AsyncQdrantClient, filled: str) -> None:
    rome = models.Filter(must=[models.FieldCondition(key="city", match=models.MatchValue(value="Rome"))])
    inner = models.Prefetch(query=_FIRST_WORD, using=data.SPARSE, filter=rome, limit=10)
    outer = models.Prefetch(prefetch=[inner], query=data.vector(0), using=data.DENSE, limit=2)

    hits = (await client.query_points(filled, prefetch=outer, query=data.vector(9), using=data.DENSE)).points

    assert [hit.id for hit in hits] == [5, 2]


async def test_a_batch_answers_in_the_order_of_its_queries(client: AsyncQdrantClient, filled: str) -> None:
    answers = await client.query_batch_points(
        filled,
        [
            models.QueryRequest(query=data.vector(7), using=data.DENSE, limit=1, with_payload=True),
            models.QueryRequest(query=_FIRST_WORD, using=data.SPARSE, limit=1),
        ],
    )

    assert [[hit.id for hit in answer.points] for answer in answers] == [[7], [3]]


async def test_search_parameters_are_accepted(client: AsyncQdrantClient, filled: str) -> None:
    params = models.SearchParams(
        hnsw_ef=64,
        exact=True,
        quantization=models.QuantizationSearchParams(ignore=False, rescore=True, oversampling=2.0),
    )
    hits = (
        await client.query_points(filled, query=data.vector(4), using=data.DENSE, limit=1, search_params=params)
    ).points

    assert [hit.id for hit in hits] == [4]


async def test_recommendations_follow_examples(client: AsyncQdrantClient, filled: str) -> None:
    for strategy in models.RecommendStrategy:
        recommend = models.RecommendInput(positive=[0, 1], negative=[9], strategy=strategy)
        hits = (
            await client.query_points(
                filled, query=models.RecommendQuery(recommend=recommend), using=data.DENSE, limit=10
            )
        ).points
        assert {hit.id for hit in hits} == {2, 3, 4, 5, 6, 7, 8}
        assert hits[0].id == 2


async def test_discovery_and_context_answer(client: AsyncQdrantClient, filled: str) -> None:
    pair = models.ContextPair(positive=0, negative=9)
    discover = models.DiscoverQuery(discover=models.DiscoverInput(target=data.vector(3), context=[pair]))
    context = models.ContextQuery(context=[pair])

    assert (await client.query_points(filled, query=discover, using=data.DENSE, limit=1)).points[0].id == 3
    assert len((await client.query_points(filled, query=context, using=data.DENSE, limit=3)).points) == 3


async def test_mmr_spreads_the_results(client: AsyncQdrantClient, filled: str) -> None:
    near = models.NearestQuery(nearest=data.vector(0), mmr=models.Mmr(diversity=0.9, candidates_limit=10))
    hits = (await client.query_points(filled, query=near, using=data.DENSE, limit=3)).points

    assert hits[0].id == 0
    assert {hit.id for hit in hits} != {0, 1, 2}


async def test_results_can_be_ordered_by_a_field_sampled_or_scored_by_a_formula(
    client: AsyncQdrantClient, filled: str
) -> None:
    await client.create_payload_index(filled, "number", models.PayloadSchemaType.INTEGER, wait=True)
    descending = models.OrderByQuery(order_by=models.OrderBy(key="number", direction=models.Direction.DESC))
    formula = models.FormulaQuery(
        formula=models.SumExpression(sum=["$score", models.MultExpression(mult=[10.0, "number"])]),
        defaults={"number": 0},
    )
    candidates = models.Prefetch(query=data.vector(0), using=data.DENSE, limit=5)

    ordered = (await client.query_points(filled, query=descending, limit=2)).points
    sampled = (await client.query_points(filled, query=models.SampleQuery(sample=models.Sample.RANDOM), limit=4)).points
    scored = (await client.query_points(filled, prefetch=candidates, query=formula, limit=1)).points

    assert [hit.id for hit in ordered] == [9, 8]
    assert len({hit.id for hit in sampled}) == 4
    assert [hit.id for hit in scored] == [4]


async def test_hits_are_grouped_by_a_field(client: AsyncQdrantClient, filled: str) -> None:
    groups = (
        await client.query_points_groups(
            filled,
            group_by="city",
            query=data.vector(0),
            using=data.DENSE,
            limit=2,
            group_size=2,
            with_payload=["number"],
        )
    ).groups

    assert [(group.id, [hit.id for hit in group.hits]) for group in groups] == [("Berlin", [0, 3]), ("Paris", [1, 4])]
    assert groups[0].hits[1].payload == {"number": 3}
    assert groups[0].hits[0].score > groups[0].hits[1].score


async def test_other_distances_score_their_own_way(client: AsyncQdrantClient, name: str) -> None:
    distances = {"dot": models.Distance.DOT, "l2": models.Distance.EUCLID, "l1": models.Distance.MANHATTAN}
    await client.create_collection(
        name, vectors_config={key: models.VectorParams(size=2, distance=value) for key, value in distances.items()}
    )
    point = models.PointStruct(id=1, vector={key: [3.0, 4.0] for key in distances})
    await client.upsert(name, [point], wait=True)

    scores = {key: (await client.query_points(name, query=[0.0, 1.0], using=key)).points[0].score for key in distances}

    assert scores == pytest.approx({"dot": 4.0, "l2": 18**0.5, "l1": 6.0})


async def test_multivectors_score_by_their_best_rows(client: AsyncQdrantClient, name: str) -> None:
    config = models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM)
    params = models.VectorParams(size=2, distance=models.Distance.DOT, multivector_config=config)
    await client.create_collection(name, vectors_config={"late": params})
    rows = {1: [[1.0, 0.0], [0.0, 1.0]], 2: [[1.0, 0.0], [1.0, 0.0]]}
    await client.upsert(
        name, [models.PointStruct(id=id_, vector={"late": vector}) for id_, vector in rows.items()], wait=True
    )

    hits = (await client.query_points(name, query=[[1.0, 0.0], [0.0, 1.0]], using="late")).points

    assert [(hit.id, hit.score) for hit in hits] == [(1, 2.0), (2, 1.0)]
