"""The orchestrator's parts, by name."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.orchestrator.adapters.graph import AnswerGraph, AnswerRules, Judges
from services.orchestrator.adapters.inference import InferenceService
from services.orchestrator.adapters.retrieval import RetrievalService
from services.orchestrator.adapters.text_vectors import EmbeddedTexts
from services.orchestrator.domain.checking import CheckRules
from services.orchestrator.settings import OrchestratorSettings
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.entailment.registry import entailment_model
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
            rules=_rules(settings),
            judges=Judges(
                vectors=EmbeddedTexts(InferenceEmbedder(inference, settings.embedding_model)),
                entailment=entailment_model(settings.orchestrator_entailment_model),
            ),
        )
        yield Parts(settings=settings, graph=graph, inference=inference, corpus=corpus)


def _rules(settings: OrchestratorSettings) -> AnswerRules:
    return AnswerRules(
        passages=settings.orchestrator_passages,
        min_similarity=settings.orchestrator_min_similarity,
        unsupported=settings.orchestrator_unsupported_claims,
        form=settings.orchestrator_answer_form,
        quote_support=settings.orchestrator_quote_support,
        check=CheckRules(
            min_support=settings.orchestrator_min_support,
            undecided_from=settings.orchestrator_undecided_support,
            min_similarity=settings.orchestrator_claim_similarity,
            comparisons=settings.orchestrator_claim_comparisons,
        ),
    )
