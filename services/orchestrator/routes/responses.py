"""`/v1/responses`: answers as OpenAI's Responses API has them, with conversations that the server remembers."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from uuid import uuid4

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.types import Receive, Scope, Send

from services.orchestrator.adapters import conversations
from services.orchestrator.adapters.conversations import NewTurn, Thread
from services.orchestrator.adapters.response_events import ResponseEvents
from services.orchestrator.adapters.response_objects import Json, ResponseShape
from services.orchestrator.dependencies import CurrentParts, CurrentViewer, Parts
from services.orchestrator.domain.dialogue import chat_request, search_of, turn_messages
from services.orchestrator.domain.events import AnswerEvent, Finished, Found, Stage, StageName, Text
from services.orchestrator.domain.question import RAG_PREFIX, Question, read_question
from services.orchestrator.domain.recording import RecordDraft
from services.orchestrator.routes.recorded import account, kept, new_draft, noted
from services.orchestrator.routes.streams import end_stream, send_piece, start_stream
from services.shared.contracts.corpus import Collection
from services.shared.contracts.openai import Deleted
from services.shared.contracts.responses import ConversationRef, FileSearchTool, ResponsesRequest
from services.shared.kit.asgi import parse_json_object, read_body, read_model, send_json
from services.shared.kit.context import principal
from services.shared.kit.errors import InvalidRequestError, NotFoundError, PlatformError
from services.shared.kit.relay import until_client_leaves
from services.shared.kit.telemetry import get_logger

router = APIRouter(prefix="/v1/responses")
_collections = TypeAdapter(list[Collection])
_ACCEPTED = frozenset({StageName.GENERATE, StageName.ABSTAIN})

_log = get_logger("responses")


@dataclass(frozen=True)
class Asked:
    """A request that is being answered."""

    request: ResponsesRequest
    shape: ResponseShape
    draft: RecordDraft
    thread: Thread | None


@router.get("/{response_id}")
async def get_response(response_id: str, parts: CurrentParts, viewer: CurrentViewer) -> dict[str, Any]:
    """A response as it was sent."""
    return await parts.store.read(partial(conversations.get_response, response_id=response_id, viewer=viewer))


@router.delete("/{response_id}")
async def delete_response(response_id: str, parts: CurrentParts, viewer: CurrentViewer) -> Deleted:
    """Forget a turn: what follows it goes on without its words."""
    await parts.store.write(partial(conversations.remove_response, response_id=response_id, viewer=viewer))
    return Deleted(id=response_id, object="response")


class CreateResponse:
    """The plain ASGI endpoint: answers stream through it token by token."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = cast("Parts", scope["app"].state.parts)
        body = await read_body(receive, max_bytes=parts.settings.orchestrator_max_body_bytes)
        asked = await _asked(parts, read_model(ResponsesRequest, parse_json_object(body)))
        answer = _stream if asked.request.stream else _whole
        with kept(parts, asked.draft):
            await until_client_leaves(receive, lambda: answer(parts, asked, send))


async def _asked(parts: Parts, request: ResponsesRequest) -> Asked:
    search = search_of(request)
    thread = await _thread(parts, request)
    question = await _question(parts, request, search, thread)
    begins = thread is None and request.store is not False
    conversation = thread.conversation_id if thread else conversations.new_conversation_id() if begins else None
    draft = new_draft(parts, question, f"resp_{uuid4().hex}", conversation=conversation)
    shape = ResponseShape(
        draft.id, request, conversation, thread.previous_id if thread else None, recorded=draft.is_kept
    )
    return Asked(request, shape, draft, thread)


async def _thread(parts: Parts, request: ResponsesRequest) -> Thread | None:
    previous, conversation = request.previous_response_id, request.conversation
    if previous and conversation:
        raise InvalidRequestError("Give previous_response_id or conversation, not both.", param="previous_response_id")
    if previous:
        behind = partial(conversations.thread_behind, response_id=previous, principal=principal.get())
        return await parts.store.read(behind)
    if conversation:
        named = conversation if isinstance(conversation, ConversationRef) else ConversationRef(id=conversation)
        find = conversations.thread_from_start if named.from_start else conversations.thread_of
        return await parts.store.read(partial(find, conversation_id=named.id, principal=principal.get()))
    return None


async def _question(
    parts: Parts, request: ResponsesRequest, search: FileSearchTool | None, thread: Thread | None
) -> Question:
    rag = request.model.removeprefix(RAG_PREFIX)
    collection = rag if search is None else await _name_of(parts, search.vector_store_ids[0])
    chat = chat_request(request, collection, thread.history if thread else ())
    question = read_question(chat, default_answer_tokens=parts.settings.orchestrator_answer_tokens)
    if search is None:
        return question
    return replace(question, model=request.model, passages=search.max_num_results, filters=search.filters)


async def _name_of(parts: Parts, vector_store: str) -> str:
    found = _collections.validate_python(await parts.corpus.get_json("/internal/collections"))
    for collection in found:
        if vector_store in {collection.id, collection.name}:
            return collection.name
    raise NotFoundError(f"There is no vector store '{vector_store}'; GET /v1/vector_stores lists them.", param="tools")


async def _whole(parts: Parts, asked: Asked, send: Send) -> None:
    text: list[str] = []
    found = Found([], [])
    async with aclosing(noted(parts, asked.draft)) as events:
        async for event in events:
            if isinstance(event, Text):
                text.append(event.text)
            elif isinstance(event, Found):
                found = event
            elif isinstance(event, Finished):
                response = await _completed(parts, asked, "".join(text), found, event)
                await send_json(send, 200, response)


async def _stream(parts: Parts, asked: Asked, send: Send) -> None:
    """The response starts once the engine has accepted the prompt: what fails before keeps its HTTP status."""
    form = ResponseEvents(asked.shape)
    async with aclosing(noted(parts, asked.draft)) as events:
        waiting = [form.opening()]
        async for event in events:
            waiting.append(form.event(event))
            if isinstance(event, Stage) and event.name in _ACCEPTED:
                break
        await start_stream(send, b"".join(waiting))
        try:
            await _follow(parts, asked, events, form, send)
        except PlatformError as error:
            _log.warning("answer_interrupted", code=error.code, collection=asked.draft.question.collection)
            await send_piece(send, form.failed(error))
        await end_stream(send)


async def _follow(
    parts: Parts, asked: Asked, events: AsyncGenerator[AnswerEvent], form: ResponseEvents, send: Send
) -> None:
    async for event in events:
        await send_piece(send, form.event(event))
        if isinstance(event, Finished):
            response = await _completed(parts, asked, form.text, form.found, event)
            await send_piece(send, form.completed(response, event.marks))


async def _completed(parts: Parts, asked: Asked, text: str, found: Found, finished: Finished) -> Json:
    """The finished response, kept: the client may go on from it as soon as it sees it."""
    account(asked.draft.question, finished)
    response = asked.shape.finished(text, found, finished)
    conversation = asked.shape.conversation_id
    if asked.shape.stored and conversation is not None:
        turn = NewTurn(
            id=asked.shape.id,
            conversation_id=conversation,
            previous_id=asked.shape.previous_id,
            begins=asked.thread is None,
            principal=principal.get(),
            collection=asked.draft.question.collection,
            created_at=datetime.now(UTC),
            messages=turn_messages(asked.request),
            output=text,
            body=response,
            documents=frozenset(passage.chunk.document_id for passage in found.passages),
            asked_at=asked.draft.created_at,
        )
        await parts.store.write(partial(conversations.keep, turn=turn))
    return response
