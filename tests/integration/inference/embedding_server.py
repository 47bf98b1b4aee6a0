"""An embedding server that is not ours: text-embeddings-inference's API, with a key, over the packaged model.

`python -m tests.integration.inference.embedding_server PORT`. The key is `KEY`.
"""

import asyncio
import sys
from pathlib import Path

import numpy as np
import openvino
from aiohttp import web
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tests.processes import REPOSITORY

KEY = "the key of somebody else's server"
MOST_TEXTS = 8
"""TEI refuses larger batches."""


class Model:
    """all-MiniLM-L6-v2 without sentence-transformers, whose import costs more than all of this test."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_padding()
        self._network = openvino.Core().compile_model(str(folder / "openvino" / "openvino_model.xml"), "CPU")

    def embed(self, texts: list[str]) -> tuple[NDArray[np.float32], int]:
        """Unit vectors, and how many tokens were read."""
        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([encoding.attention_mask for encoding in encoded])
        inputs = {
            "input_ids": np.array([encoding.ids for encoding in encoded]),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        hidden = self._network({port.any_name: inputs[port.any_name] for port in self._network.inputs})[0]
        summed = (hidden * mask[:, :, None]).sum(axis=1)
        return (summed / np.linalg.norm(summed, axis=1, keepdims=True)).astype(np.float32), int(mask.sum())


def build_app(model: Model) -> web.Application:
    """`/health` and `/embed`."""
    busy = asyncio.Lock()

    async def health(_: web.Request) -> web.Response:
        return web.Response()

    async def embed(request: web.Request) -> web.Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.json_response({"error": "Unauthorized", "error_type": "Unauthenticated"}, status=401)
        texts: list[str] = (await request.json())["inputs"]
        if len(texts) > MOST_TEXTS:
            return web.json_response({"error": "batch size is too large", "error_type": "Validation"}, status=413)
        async with busy:
            vectors, tokens = await asyncio.to_thread(model.embed, texts)
        return web.json_response(vectors.tolist(), headers={"x-compute-tokens": str(tokens)})

    app = web.Application()
    app.add_routes([web.get("/health", health), web.post("/embed", embed)])
    return app


if __name__ == "__main__":
    packaged = Model(Path(REPOSITORY, "var", "models", "all-MiniLM-L6-v2"))
    web.run_app(build_app(packaged), host="127.0.0.1", port=int(sys.argv[1]), print=None)
