"""The parts of the service, named once; routes ask for them here."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self, cast

from fastapi import Request
from qdrant_client import AsyncQdrantClient
from starlette.types import Scope

from services.retrieval.adapters.collections import CollectionDirectory
from services.retrieval.adapters.documents import DocumentDirectory
from services.retrieval.adapters.explain import Explainer
from services.retrieval.adapters.passages import PassageReader
from services.retrieval.adapters.question_vectors import QuestionVectors
from services.retrieval.adapters.rankings import RankingFinder
from services.retrieval.adapters.reranking import PassageReranker
from services.retrieval.adapters.search import Searcher
from services.retrieval.adapters.several import SeveralFinder
from services.retrieval.adapters.stages import SearchStages
from services.retrieval.adapters.trial import LiveSearcher, Trial
from services.retrieval.settings import RetrievalSettings
from services.shared.components.embedders.bm25 import Bm25Embedder
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.indexes.connect import connect_index
from services.shared.components.indexes.qdrant import ChunkIndex
from services.shared.components.rerankers.inference import InferenceReranker
from services.shared.contracts.search import RANKING_FIELDS, SearchRequest
from services.shared.kit.http import ServiceClient


@dataclass(frozen=True)
class Parts:
    """Everything a route may need. The clients are to be opened before use."""

    inference: ServiceClient
    corpus: ServiceClient
    vectordb: AsyncQdrantClient
    searcher: LiveSearcher
    explainer: Explainer

    @classmethod
    def of(cls, settings: RetrievalSettings) -> Self:
        """The parts for these settings; nothing is connected yet."""
        inference = ServiceClient(settings.inference_url, audience="inference", settings=settings)
        corpus = ServiceClient(settings.corpus_url, audience="corpus", settings=settings)
        vectordb = connect_index(settings)
        bm25, index = Bm25Embedder(), ChunkIndex(vectordb)
        rankings = RankingFinder(
            vectors=QuestionVectors(
                InferenceEmbedder(inference, settings.embedding_model),
                remembered=settings.retrieval_remembered_questions,
            ),
            bm25=bm25,
            index=index,
            candidates=settings.retrieval_candidates,
        )
        stages = SearchStages(rankings, PassageReader(index), bm25, _reranker(settings, inference))
        collections = CollectionDirectory(corpus, timedelta(seconds=settings.retrieval_collections_ttl_s))
        return cls(
            inference=inference,
            corpus=corpus,
            vectordb=vectordb,
            searcher=LiveSearcher(Searcher(collections, stages, SeveralFinder(collections, stages)), _trial(settings)),
            explainer=Explainer(collections, DocumentDirectory(corpus), stages, index),
        )


def _trial(settings: RetrievalSettings) -> Trial | None:
    if not settings.retrieval_trial:
        return None
    request = SearchRequest.model_validate({"collection": "any", "query": "any", **settings.retrieval_trial_ranking})
    return Trial(
        settings.retrieval_trial,
        settings.retrieval_trial_mode,
        ranking=request.model_dump(include=set(RANKING_FIELDS)),
        share=settings.retrieval_trial_share,
    )


def searcher_of(scope: Scope) -> LiveSearcher:
    """The search, for a plain ASGI route."""
    return cast("Parts", scope["app"].state.parts).searcher


def get_searcher(request: Request) -> LiveSearcher:
    """The search, for a FastAPI route."""
    return searcher_of(request.scope)


def get_explainer(request: Request) -> Explainer:
    """Why and why not, for a route."""
    return cast("Parts", request.app.state.parts).explainer


def _reranker(settings: RetrievalSettings, inference: ServiceClient) -> PassageReranker:
    model, timeout_s = settings.reranker_model, settings.retrieval_rerank_timeout_s
    reranker = InferenceReranker(inference, model, timeout_s=timeout_s) if model else None
    return PassageReranker(reranker, settings.retrieval_rerank_candidates, by_default=settings.retrieval_rerank)
