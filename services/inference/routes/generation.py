"""Calls to the model engine: chat, completions and counting tokens."""

from dataclasses import dataclass

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.inference.dependencies import Parts, parts_of
from services.inference.domain.calls import Operation, read_call
from services.inference.errors import engine_unavailable
from services.shared.kit.asgi import ClientGoneError, parse_json_object, read_body
from services.shared.kit.errors import UnavailableError


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
        call = read_call(self.operation, parse_json_object(body))
        await _require(parts, call.model)
        await parts.engine.answer(call, body, receive=receive, send=send)


async def _require(parts: Parts, model: str) -> None:
    try:
        await parts.engine_models.require(model)
    except UnavailableError as error:
        raise engine_unavailable() from error


ROUTES = [
    Route(operation.path, Generate(operation), methods=["POST"], name=operation.label)
    for operation in (Operation.CHAT, Operation.COMPLETION, Operation.TOKENIZE)
]
