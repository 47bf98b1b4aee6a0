"""Headers that keep a browser from running what the API answers: documents and model output are hostile."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = b"content-security-policy"
_NOTHING = (_POLICY, b"default-src 'none'; frame-ancestors 'none'; sandbox")


class GuardedAnswers:
    """Gives every answer without a policy of its own one that allows nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                if not any(name == _POLICY for name, _ in headers):
                    message["headers"] = [*headers, _NOTHING]
            await send(message)

        await self._app(scope, receive, guarded)
