"""An inference service whose embedding model counts words: fast, deterministic, and it tells what it was asked.

`python -m tests.integration.ingest.hashing_inference`. For tests about jobs, not about meaning.
"""

import asyncio
import base64
import hashlib
import math
from array import array
from typing import ClassVar

from fastapi import APIRouter
from pydantic import Field

from services.shared.contracts.openai import EmbeddingRequest
from services.shared.kit.app import create_app
from services.shared.kit.server import serve
from services.shared.kit.settings import PlatformSettings
from services.shared.kit.telemetry import configure_telemetry

DIMENSIONS = 64
EMBEDDED = "embedded.log"
"""In the home folder: digests of the texts that were embedded."""
DIGEST_BYTES = 8


class HashingSettings(PlatformSettings):
    """How slow the model is."""

    SERVICE: ClassVar[str] = "inference"

    hashing_seconds_per_text: float = Field(default=0.0, ge=0, description="Time one text takes.")


def build_router(settings: HashingSettings) -> APIRouter:
    """`/v1/embeddings`, and `/asked`: how many texts it has embedded."""
    router = APIRouter()
    asked = {"texts": 0}

    @router.post("/v1/embeddings")
    async def embeddings(body: EmbeddingRequest) -> dict[str, object]:
        texts = [body.input] if isinstance(body.input, str) else body.input
        await asyncio.sleep(settings.hashing_seconds_per_text * len(texts))
        asked["texts"] += len(texts)
        with (settings.home / EMBEDDED).open("ab", buffering=0) as log:
            log.write(b"".join(_digest(text) for text in texts))
        data = [{"object": "embedding", "index": i, "embedding": vector(text)} for i, text in enumerate(texts)]
        return {"object": "list", "data": data, "model": body.model, "usage": {}}

    @router.get("/asked")
    async def how_many() -> dict[str, int]:
        return asked

    del embeddings, how_many
    return router


def _digest(text: str) -> bytes:
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()[:DIGEST_BYTES]


def vector(text: str) -> str:
    """Word counts hashed into a unit vector, base64."""
    counts = array("f", [0.0] * DIMENSIONS)
    for word in text.lower().split():
        counts[hashlib.md5(word.encode(), usedforsecurity=False).digest()[0] % DIMENSIONS] += 1
    length = math.sqrt(sum(value * value for value in counts)) or 1.0
    return base64.b64encode(array("f", [value / length for value in counts]).tobytes()).decode()


if __name__ == "__main__":
    settings = HashingSettings()
    configure_telemetry(settings)
    serve(create_app(settings, title="inference", routers=[build_router(settings)]), settings)
