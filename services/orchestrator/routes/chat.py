"""`POST /v1/chat/completions`: answers with retrieval for `rag/<collection>`, plain inference for any other model."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast
from uuid import uuid4

from starlette.types import Receive, Scope, Send

from services.orchestrator.adapters.chat_format import DONE, ChatFormat
from services.orchestrator.dependencies import Parts
from services.orchestrator.domain.events import AnswerEvent, Finished, Stage, StageName, Text
from services.orchestrator.domain.question import RAG_PREFIX, Question, read_question
from services.orchestrator.domain.recording import RecordDraft
from services.orchestrator.routes.recorded import account, kept, new_draft, noted
from services.orchestrator.routes.streams import end_stream, send_piece, start_stream
from services.shared.contracts.openai import ChatRequest
from services.shared.kit.asgi import parse_json_object, read_body, read_model, send_json
from services.shared.kit.errors import PlatformError, UpstreamError
from services.shared.kit.relay import error_event, relay, until_client_leaves
from services.shared.kit.telemetry import get_logger

_PATH = "/v1/chat/completions"
_ACCEPTED = frozenset({StageName.GENERATE, StageName.ABSTAIN})

_log = get_logger("chat")


class ChatCompletions:
    """The plain ASGI endpoint: answers stream through it token by token."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = cast("Parts", scope["app"].state.parts)
        body = await read_body(receive, max_bytes=parts.settings.orchestrator_max_body_bytes)
        raw = parse_json_object(body)
        if not str(raw.get("model", "")).startswith(RAG_PREFIX):
            await relay(receive, send, client=parts.inference, method="POST", path=_PATH, body=body)
            return
        request = read_model(ChatRequest, raw)
        question = read_question(request, default_answer_tokens=parts.settings.orchestrator_answer_tokens)
        answer = _stream if request.stream else _whole
        answer_id = f"chatcmpl-{uuid4().hex}"
        draft = new_draft(parts, question, answer_id)
        form = ChatFormat(request.model, answer_id, include_usage=question.include_usage, recorded=draft.is_kept)
        with kept(parts, draft):
            await until_client_leaves(receive, lambda: answer(parts, draft, form, send))


async def _whole(parts: Parts, draft: RecordDraft, form: ChatFormat, send: Send) -> None:
    text: list[str] = []
    async with aclosing(noted(parts, draft)) as events:
        async for event in events:
            if isinstance(event, Text):
                text.append(event.text)
            elif isinstance(event, Finished):
                account(draft.question, event)
                await send_json(send, 200, form.completion("".join(text), event))


async def _stream(parts: Parts, draft: RecordDraft, form: ChatFormat, send: Send) -> None:
    """The response starts once the engine has accepted the prompt: what fails before keeps its HTTP status."""
    async with aclosing(noted(parts, draft)) as events:
        waiting = [form.opening()]
        async for event in events:
            waiting.append(form.event(event))
            if isinstance(event, Stage) and event.name in _ACCEPTED:
                break
        await start_stream(send, b"".join(waiting))
        await _follow(events, draft.question, form, send)


async def _follow(events: AsyncGenerator[AnswerEvent], question: Question, form: ChatFormat, send: Send) -> None:
    try:
        async for event in events:
            if isinstance(event, Finished):
                account(question, event)
            await send_piece(send, form.event(event))
        await send_piece(send, DONE)
    except PlatformError as error:
        _log.warning("answer_interrupted", code=error.code, collection=question.collection)
        await send_piece(send, error_event(error if isinstance(error, UpstreamError) else UpstreamError(error.message)))
    await end_stream(send)
