"""Calls to the model engine: chat, completions and counting tokens."""

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.inference.dependencies import parts_of
from services.inference.domain.calls import Operation, read_call
from services.inference.domain.consent import allowed_level
from services.shared.contracts.requests import RECORD_HEADER
from services.shared.kit.asgi import ClientGoneError, parse_json_object, read_body


@dataclass(frozen=True)
class Generate:
    """A plain ASGI endpoint: the body is read once, checked, and sent on as it came."""

    operation: Operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        parts = parts_of(scope)
        try:
            body = await read_body(receive, max_bytes=parts.max_body_bytes)
        except ClientGoneError:
            return
        request = parse_json_object(body)
        call = read_call(self.operation, request)
        level = allowed_level(parts.log_level, request, Headers(scope=scope).get(RECORD_HEADER))
        await parts.engine.answer(call, request, body, level=level, receive=receive, send=send)


ROUTES = [
    Route(operation.path, Generate(operation), methods=["POST"], name=operation.label)
    for operation in (Operation.CHAT, Operation.COMPLETION, Operation.TOKENIZE)
]
