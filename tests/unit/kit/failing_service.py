"""A process whose service fails once; its log is its output."""

import asyncio
from pathlib import Path

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.types import Message, Scope

from services.shared.kit.app import create_app
from services.shared.kit.telemetry import configure_telemetry
from tests.unit.kit.conftest import BetaSettings

router = APIRouter()


@router.get("/fails")
async def fails() -> None:
    raise RuntimeError("secret detail")


async def _anyone(_: Scope, __: Headers) -> str | None:
    return None


async def main() -> None:
    settings = BetaSettings(home=Path("unused"))
    configure_telemetry(settings)
    app = create_app(settings, title="beta", routers=[router], authenticate=_anyone)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        del message

    headers = [(b"host", b"localhost"), (b"x-request-id", b"id-of-it")]
    scope = {"type": "http", "method": "GET", "path": "/fails", "query_string": b"", "headers": headers}
    await app(scope, receive, send)


if __name__ == "__main__":
    asyncio.run(main())
