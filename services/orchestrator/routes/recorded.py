"""Answers that leave a record behind, however they end."""

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager

from services.orchestrator.dependencies import Parts
from services.orchestrator.domain.events import AnswerEvent, Finished
from services.orchestrator.domain.question import Question
from services.orchestrator.domain.recording import RecordDraft, allowed_level
from services.shared.kit.context import principal, request_id
from services.shared.kit.errors import PlatformError
from services.shared.kit.telemetry import get_logger

_log = get_logger("answers")


def new_draft(parts: Parts, question: Question, answer_id: str, *, conversation: str | None = None) -> RecordDraft:
    """The record of an answer that is about to be made, with as much as platform and request allow."""
    allowed = allowed_level(parts.settings.orchestrator_records, question.options.record, store=question.store)
    return RecordDraft(
        id=answer_id,
        question=question,
        level=allowed,
        request_id=request_id.get(),
        principal=principal.get(),
        conversation=conversation,
    )


@contextmanager
def kept(parts: Parts, draft: RecordDraft) -> Generator[None]:
    """Has the record stored when the block ends without the answer's end: the client left, or it failed."""
    try:
        yield
    finally:
        if not draft.is_finished:
            parts.records.keep(draft)


async def noted(parts: Parts, draft: RecordDraft) -> AsyncGenerator[AnswerEvent]:
    """The events of the answer; what they say is in the draft before anybody else sees it.

    A finished one is in the keeper's queue before the client sees the end, so that it can be asked for at once; it is
    written later.
    """
    try:
        async with aclosing(parts.graph.answer(draft.question)) as events:
            async for event in events:
                draft.note(event)
                if draft.is_finished:
                    parts.records.keep(draft)
                yield event
    except PlatformError as error:
        draft.fail(error.code)
        raise


def account(question: Question, finished: Finished) -> None:
    """The log line of an answer."""
    _log.info(
        "answer_completed",
        collection=question.collection,
        citations=len(finished.citations),
        finish_reason=finished.reason,
        output_tokens=finished.usage.completion_tokens,
        **{f"{name}_ms": value for name, value in finished.timings_ms.items()},
    )
