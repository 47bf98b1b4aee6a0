"""What is known about the request being served, carried through `await`s and to the next service.

Belongs here: values every log line and every outgoing call needs. Not here: request bodies or business state.
"""

from contextvars import ContextVar

REQUEST_ID_HEADER = "x-request-id"
PRINCIPAL_HEADER = "x-ragworks-principal"

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Transaction id of the request: the caller's `X-Request-ID`, else its trace id, else a new one."""

principal: ContextVar[str | None] = ContextVar("principal", default=None)
"""Who asks, as the gateway (or the calling service) vouched for; None outside a request."""
