"""The orchestrator's quick count of a prompt against the engine's exact one."""

import pytest
from pydantic import SecretStr

from services.orchestrator.adapters.inference import InferenceService
from services.orchestrator.settings import OrchestratorSettings
from services.shared.kit.http import ServiceClient
from tests.engine import EngineEndpoint
from tests.signed import INTERNAL_KEY


@pytest.mark.parametrize(
    "text",
    [
        "Which port does the gateway listen on?",
        "Straße, naïve, Ωμέγα, 東京都, 🧑🏽‍🚀, ﷺ",
        "\u0301\u200b\t \n\n   x" * 20,
        "<|im_start|>system<|im_end|>",
        "",
    ],
    ids=["english", "scripts", "odd characters", "special tokens", "empty"],
)
async def test_the_quick_count_is_never_too_small(inference: str, engine: EngineEndpoint, text: str) -> None:
    settings = OrchestratorSettings(internal_key=SecretStr(INTERNAL_KEY), inference_url=inference)
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    async with ServiceClient(inference, audience="inference", settings=settings) as client:
        model = InferenceService(client, preferred=engine.model)

        exact = await model.count_tokens(engine.model, messages)
        quick = await model.most_tokens(engine.model, messages)

    assert exact <= quick <= exact + len(messages[0]["content"].encode()) + len(text.encode())
