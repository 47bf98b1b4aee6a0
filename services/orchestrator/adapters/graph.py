"""The answer graph on LangGraph: retrieve, then prompt, generate and cite, or say that there is no answer.

    START ─┬─────────────▶ retrieve ─┬─▶ prompt ─┬─▶ generate ─▶ END
           └─▶ rewrite ─────▲        └───────────┴─▶ abstain ──▲

Retrieving is one search, or several where the request wants that (`passage_finder.py`).
Every node writes its events to the run's stream as they happen; claims are checked while the text streams.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph

from services.orchestrator.adapters.answer_state import Asked, Prompted, Retrieved
from services.orchestrator.adapters.passage_finder import PassageFinder, SearchRules
from services.orchestrator.adapters.rewriter import Rewriter
from services.orchestrator.domain.budget import FittedPrompt, fit_prompt
from services.orchestrator.domain.checking import CheckRules, ClaimChecker
from services.orchestrator.domain.citations import CheckedAnswer
from services.orchestrator.domain.events import AnswerEvent, Asking, Finished, Found, Stage, StageName, Text
from services.orchestrator.domain.focus import sentence_for
from services.orchestrator.domain.generation import GenerationEnd
from services.orchestrator.domain.live import LiveMaterial, has_live, uncited
from services.orchestrator.domain.ports import ChatModel, Retriever, TextVectors
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.relevance import no_answer, quote_lead, relevant, searched, unsupported_note
from services.orchestrator.domain.rewriting import Rewrite
from services.orchestrator.domain.sources import LateSources
from services.orchestrator.domain.tasks import GenerationTask, phrase_task, prose_task
from services.orchestrator.domain.templates import PromptTemplates
from services.shared.components.entailment.protocol import Entailment
from services.shared.contracts.answers import AnswerForm, UnsupportedPolicy
from services.shared.contracts.openai import Usage
from services.shared.kit.telemetry import tracer

_REQUEST_IS_SENT_S = 0.005

Emit = Callable[[AnswerEvent], None]


Update = dict[str, object]
"""What a node changes in the state."""


@dataclass(frozen=True)
class AnswerRules:
    """The choices behind an answer."""

    search: SearchRules
    min_similarity: float
    unsupported: UnsupportedPolicy
    form: AnswerForm
    quote_support: float
    check: CheckRules
    prompts: PromptTemplates
    rewrite: Rewrite = Rewrite.TERMS


@dataclass(frozen=True)
class Judges:
    """What the check of a claim asks besides its words."""

    vectors: TextVectors | None = None
    entailment: Entailment | None = None


class AnswerGraph:
    """Turns a question into a stream of events."""

    def __init__(
        self, retriever: Retriever, model: ChatModel, *, rules: AnswerRules, judges: Judges, live: LiveMaterial
    ) -> None:
        self._finder = PassageFinder(retriever, rules.search)
        self._live = live
        self._model = model
        self._rules = rules
        self._judges = judges
        self._rewriter = Rewriter(model, rules.rewrite, rules.prompts.rewrite)
        graph = StateGraph(Prompted, input_schema=Asked)
        graph.add_node("rewrite", self._rewrite)
        graph.add_node("retrieve", self._retrieve)
        graph.add_node("abstain", self._abstain)
        graph.add_node("prompt", self._prompt)
        graph.add_node("generate", self._generate)
        graph.add_conditional_edges(START, self._first, ["rewrite", "retrieve"])
        graph.add_edge("rewrite", "retrieve")
        graph.add_conditional_edges("retrieve", self._after_retrieval, ["prompt", "abstain"])
        graph.add_conditional_edges("prompt", self._after_prompt, ["generate", "abstain"])
        graph.add_edge("generate", END)
        graph.add_edge("abstain", END)
        self._graph = graph.compile()

    async def answer(self, question: Question) -> AsyncGenerator[AnswerEvent]:
        """The events of one answer, as they happen; closing the stream stops the engine."""
        started = time.perf_counter()
        start: Asked = {"question": question, "query": question.text, "started_s": started, "timings_ms": {}}
        async for event in self._graph.astream(start, stream_mode="custom"):
            yield cast("AnswerEvent", event)

    def _first(self, state: Asked) -> Literal["rewrite", "retrieve"]:
        leans = self._rewriter.concerns(state["question"])
        return "rewrite" if leans else "retrieve"

    async def _rewrite(self, state: Asked) -> Update:
        with tracer.start_as_current_span("rewrite"):
            query = await self._rewriter.query(state["question"])
        timings = state["timings_ms"] | {"rewrite": _ms_since(state)}
        _emit(Stage(StageName.REWRITE, {"ms": timings["rewrite"]}))
        return {"query": query, "timings_ms": timings}

    async def _retrieve(self, state: Asked) -> Update:
        question = state["question"]
        with tracer.start_as_current_span("retrieve"):
            live, found = await asyncio.gather(
                self._live.passages(question), self._finder.find(question, state["query"])
            )
        passages = [*live, *found.passages]
        timings = state["timings_ms"] | {"retrieve": _ms_since(state)}
        counts = {"passages": len(passages), "live": len(live), "searches": len(found.queries)}
        _emit(Stage(StageName.RETRIEVE, {**counts, "ms": timings["retrieve"]}))
        _emit(Found(found.queries, passages))
        return {"queries": found.queries, "passages": passages, "timings_ms": timings}

    def _after_retrieval(self, state: Retrieved) -> Literal["prompt", "abstain"]:
        found = relevant(state["question"].text, state["passages"], min_similarity=self._rules.min_similarity)
        return "prompt" if found or has_live(state["passages"]) else "abstain"

    async def _abstain(self, state: Retrieved) -> Update:
        _emit(Stage(StageName.ABSTAIN))
        read = searched(state["question"].collection, state["passages"], state["queries"])
        _emit(Text(no_answer(read)))
        _emit(
            Finished(
                reason="stop",
                citations=[],
                marks=[],
                claims=[],
                searched=read,
                abstained=True,
                usage=Usage(),
                timings_ms=state["timings_ms"] | {"total": _ms_since(state)},
            )
        )
        return {}

    async def _prompt(self, state: Retrieved) -> Update:
        with tracer.start_as_current_span("prompt"):
            model = await self._model.served(state["question"].model)
            prompt = await fit_prompt(
                state["question"],
                state["passages"],
                template=self._rules.prompts.answer,
                window_tokens=model.window_tokens,
                count=partial(self._model.count_tokens, model.name),
                at_most=partial(self._model.most_tokens, model.name),
            )
        timings = state["timings_ms"] | {"prompt": _ms_since(state)}
        _emit(Stage(StageName.PROMPT, {"passages": len(prompt.passages)}))
        sources = LateSources(prompt.passages)
        task = self._task(state["question"], prompt, sources)
        return {"model": model, "prompt": prompt, "sources": sources, "task": task, "timings_ms": timings}

    def _task(self, question: Question, prompt: FittedPrompt, sources: LateSources) -> GenerationTask | None:
        form = question.options.form or self._rules.form
        if form is AnswerForm.PROSE:
            return prose_task(question, prompt, self._rules.prompts.answer)
        return phrase_task(question, sources.numbered, self._rules.prompts.phrase)

    def _after_prompt(self, state: Prompted) -> Literal["generate", "abstain"]:
        return "generate" if state["task"] is not None else "abstain"

    async def _generate(self, state: Prompted) -> Update:
        task, end = state["task"], GenerationEnd()
        if task is None:
            raise ValueError("There is nothing to generate.")
        _emit(Asking(state["model"].name, task.messages, len(state["prompt"].passages), task.prompt))
        preparing = asyncio.create_task(self._prepared(state))
        try:
            with tracer.start_as_current_span("generate"):
                answer = await self._stream(state, task, preparing, end)
                if answer.is_loop:
                    end.usage = await self._usage(state, task, end)
        finally:
            preparing.cancel()
        _emit_text(await answer.finish())
        self._end(state, answer, end)
        return {}

    async def _stream(
        self, state: Prompted, task: GenerationTask, preparing: asyncio.Task[CheckedAnswer], end: GenerationEnd
    ) -> CheckedAnswer:
        """The answer when the engine has said all of it but its last sentence's end."""
        async with self._model.generate(
            state["model"].name, task.messages, max_tokens=task.max_tokens, sampling=task.sampling
        ) as deltas:
            _emit(Stage(StageName.GENERATE, {"model": state["model"].name}))
            answer = await preparing
            async for delta in deltas:
                end.note(delta, after_ms=_ms_since(state))
                _emit_text(await answer.feed(delta.text))
                if answer.is_loop:
                    break
        return answer

    async def _usage(self, state: Prompted, task: GenerationTask, end: GenerationEnd) -> Usage:
        """Counted here: an engine that is stopped does not say it."""
        count = partial(self._model.count_tokens, state["model"].name)
        said = {"role": "assistant", "content": "".join(end.text)}
        asked, empty, told = await asyncio.gather(count(task.messages), count([{**said, "content": ""}]), count([said]))
        return Usage(prompt_tokens=asked, completion_tokens=told - empty, total_tokens=asked + told - empty)

    async def _prepared(self, state: Prompted) -> CheckedAnswer:
        """Ready to check the answer, made while the engine reads the prompt: it is silent until its first token."""
        await asyncio.sleep(_REQUEST_IS_SENT_S)
        return self._checked_answer(state)

    def _checked_answer(self, state: Prompted) -> CheckedAnswer:
        question, judges = state["question"], self._judges
        checker = ClaimChecker(
            question.text,
            state["sources"].numbered,
            self._rules.check,
            vectors=judges.vectors,
            entailment=judges.entailment,
        )
        return CheckedAnswer(checker, question.options.unsupported_claims or self._rules.unsupported)

    def _end(self, state: Prompted, answer: CheckedAnswer, end: GenerationEnd) -> None:
        """The answer's end: what it cites, else a passage's own sentence, else that nothing was found and where."""
        read = searched(state["question"].collection, state["prompt"].passages, state["queries"])
        if not answer.supported:
            self._quote(state, answer)
        for lead, place in uncited(state["question"].text, state["sources"].numbered, answer.citations()):
            _emit(Text(answer.quote(lead, place)))
        if not answer.supported:
            _emit(Stage(StageName.ABSTAIN))
            _emit(Text(unsupported_note(read) if answer.shown else no_answer(read)))
        citations = answer.citations()
        _emit(Stage(StageName.CITE, {"citations": len(citations), "claims": len(answer.claims)}))
        _emit(
            Finished(
                reason=end.reason,
                citations=citations,
                marks=answer.marks,
                claims=answer.claims,
                searched=read,
                abstained=not answer.supported,
                usage=end.usage,
                timings_ms=state["timings_ms"] | end.timings_ms | {"total": _ms_since(state)},
            )
        )

    def _quote(self, state: Prompted, answer: CheckedAnswer) -> None:
        place = sentence_for(state["question"].text, state["sources"].numbered)
        if place is not None and place.support >= self._rules.quote_support:
            _emit(Text(answer.quote(quote_lead(shown=answer.shown), place)))


def _emit(event: AnswerEvent) -> None:
    get_stream_writer()(event)


def _emit_text(text: str) -> None:
    if text:
        _emit(Text(text))


def _ms_since(state: Asked) -> float:
    return round((time.perf_counter() - state["started_s"]) * 1000, 2)
