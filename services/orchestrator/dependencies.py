"""The orchestrator's parts, by name."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from fastapi import Depends, Query, Request

from services.orchestrator.adapters import conversations, forgotten, records
from services.orchestrator.adapters.graph import AnswerGraph, AnswerRules, Judges
from services.orchestrator.adapters.housekeeping import Housekeeping, Limit
from services.orchestrator.adapters.inference import InferenceService
from services.orchestrator.adapters.live_tools import LiveTools
from services.orchestrator.adapters.passage_finder import SearchRules
from services.orchestrator.adapters.prompt_files import read_templates
from services.orchestrator.adapters.record_keeper import RecordKeeper
from services.orchestrator.adapters.retrieval import RetrievalService
from services.orchestrator.adapters.tables import metadata
from services.orchestrator.adapters.text_vectors import EmbeddedTexts
from services.orchestrator.domain.checking import CheckRules
from services.orchestrator.domain.viewer import Viewer
from services.orchestrator.settings import OrchestratorSettings
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.components.entailment.registry import entailment_model
from services.shared.kit.context import principal
from services.shared.kit.database import open_database
from services.shared.kit.http import ServiceClient
from services.shared.kit.paging import Cursor
from services.shared.kit.store import Store
from services.shared.kit.tables import Tables

_LONGEST_ANSWER_DAYS = 2


@dataclass(frozen=True)
class Parts:
    """What the routes use."""

    settings: OrchestratorSettings
    graph: AnswerGraph
    inference: ServiceClient
    corpus: ServiceClient
    store: Store
    records: RecordKeeper


@asynccontextmanager
async def open_parts(settings: OrchestratorSettings) -> AsyncGenerator[Parts]:
    """The parts, with their connections open."""
    store = Store(Tables(open_database(settings.database), metadata))
    async with (
        ServiceClient(settings.inference_url, audience="inference", settings=settings) as inference,
        ServiceClient(settings.retrieval_url, audience="retrieval", settings=settings) as retrieval,
        ServiceClient(settings.corpus_url, audience="corpus", settings=settings) as corpus,
        ServiceClient(settings.connectors_url, audience="connectors", settings=settings) as connectors,
        RecordKeeper(store) as keeper,
        Housekeeping(store, _limits(settings)),
    ):
        graph = AnswerGraph(
            RetrievalService(retrieval),
            InferenceService(inference, preferred=settings.orchestrator_model),
            rules=_rules(settings),
            live=LiveTools(connectors),
            judges=Judges(
                vectors=EmbeddedTexts(InferenceEmbedder(inference, settings.embedding_model)),
                entailment=entailment_model(settings.orchestrator_entailment_model),
            ),
        )
        yield Parts(settings, graph=graph, inference=inference, corpus=corpus, store=store, records=keeper)
    store.tables.close()


def _limits(settings: OrchestratorSettings) -> tuple[Limit, ...]:
    return (
        Limit("records", settings.orchestrator_records_days, records.remove_older),
        Limit("forgotten documents", _LONGEST_ANSWER_DAYS, forgotten.remove_older),
        Limit("conversations", settings.orchestrator_conversations_days, conversations.remove_older),
    )


def _rules(settings: OrchestratorSettings) -> AnswerRules:
    return AnswerRules(
        search=SearchRules(
            passages=settings.orchestrator_passages,
            searches=settings.orchestrator_searches,
            seconds=settings.orchestrator_search_seconds,
        ),
        min_similarity=settings.orchestrator_min_similarity,
        unsupported=settings.orchestrator_unsupported_claims,
        form=settings.orchestrator_answer_form,
        quote_support=settings.orchestrator_quote_support,
        rewrite=settings.orchestrator_rewrite,
        prompts=read_templates(settings.orchestrator_prompts),
        check=CheckRules(
            min_support=settings.orchestrator_min_support,
            undecided_from=settings.orchestrator_undecided_support,
            min_similarity=settings.orchestrator_claim_similarity,
            comparisons=settings.orchestrator_claim_comparisons,
        ),
    )


def _parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


def _viewer() -> Viewer:
    return Viewer(principal.get())


def _cursor(
    limit: Annotated[int, Query(ge=1, le=1_000)] = 20,
    after: str | None = None,
    before: str | None = None,
    order: Literal["asc", "desc"] = "desc",
) -> Cursor:
    return Cursor(limit=limit, after=after, before=before, ascending=order == "asc")


CurrentParts = Annotated[Parts, Depends(_parts)]
CurrentViewer = Annotated[Viewer, Depends(_viewer)]
PageCursor = Annotated[Cursor, Depends(_cursor)]
