"""The answer on its way to the client."""

from starlette.types import Send

from services.inference.adapters.metrics import CallMeter
from services.inference.domain.usage import usage_in_answer
from services.shared.kit.errors import PlatformError
from services.shared.kit.relay import error_event


class Outgoing:
    """Holds the status back until the first piece of the answer is here."""

    def __init__(self, send: Send, meter: CallMeter) -> None:
        self._send = send
        self.meter = meter
        self.sent = list[bytes]()
        """What the client was sent, for the request log."""
        self.replica: str | None = None
        """The address of the replica that was asked last."""
        self.has_started = False
        self.is_sending = False
        """Whether the client is being waited for."""

    async def send_events(self, events: bytes) -> None:
        """Send whole events of a stream."""
        if not self.has_started:
            await self._start((b"content-type", b"text/event-stream; charset=utf-8"))
        self.sent.append(events)
        self.is_sending = True
        await self._send({"type": "http.response.body", "body": events, "more_body": True})
        self.is_sending = False

    async def send_whole(self, answer: bytes) -> None:
        """Send an answer that is not streamed."""
        self.meter.saw_usage(usage_in_answer(answer))
        self.sent.append(answer)
        await self._start((b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer)))
        await self._send({"type": "http.response.body", "body": answer})

    async def end(self) -> None:
        """End a stream."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def end_with(self, error: PlatformError) -> None:
        """End a stream that broke with an error event, which OpenAI's clients raise."""
        await self._send({"type": "http.response.body", "body": error_event(error), "more_body": False})

    async def _start(self, *headers: tuple[bytes, bytes]) -> None:
        self.has_started = True
        all_headers = [*headers, (b"cache-control", b"no-cache")]
        await self._send({"type": "http.response.start", "status": 200, "headers": all_headers})
