"""The orchestrator's parts, by name."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.orchestrator.adapters.graph import AnswerGraph, AnswerRules
from services.orchestrator.adapters.inference import InferenceService
from services.orchestrator.adapters.retrieval import RetrievalService
from services.orchestrator.settings import OrchestratorSettings
from services.shared.kit.http import ServiceClient


@dataclass(frozen=True)
class Parts:
    """What the routes use."""

    settings: OrchestratorSettings
    graph: AnswerGraph
    inference: ServiceClient
    corpus: ServiceClient


@asynccontextmanager
async def open_parts(settings: OrchestratorSettings) -> AsyncGenerator[Parts]:
    """The parts, with their connections open."""
    async with (
        ServiceClient(settings.inference_url, audience="inference", settings=settings) as inference,
        ServiceClient(settings.retrieval_url, audience="retrieval", settings=settings) as retrieval,
        ServiceClient(settings.corpus_url, audience="corpus", settings=settings) as corpus,
    ):
        graph = AnswerGraph(
            RetrievalService(retrieval),
            InferenceService(inference, preferred=settings.orchestrator_model),
            rules=AnswerRules(
                passages=settings.orchestrator_passages,
                min_similarity=settings.orchestrator_min_similarity,
                min_support=settings.orchestrator_min_support,
            ),
        )
        yield Parts(settings=settings, graph=graph, inference=inference, corpus=corpus)
