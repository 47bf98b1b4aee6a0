"""The model engine of a test session: the one that is named, else the one of the session's platform."""

import os
from dataclasses import dataclass

MODEL = "SmolLM2-135M-Instruct"


@dataclass(frozen=True)
class EngineEndpoint:
    """Where the engine listens and how to be let in."""

    url: str
    key: str
    model: str = MODEL


def named_engine() -> EngineEndpoint | None:
    """The engine at RAGWORKS_TEST_ENGINE_URL (key: RAGWORKS_TEST_ENGINE_KEY), if one is named."""
    url = os.environ.get("RAGWORKS_TEST_ENGINE_URL")
    if not url:
        return None
    return EngineEndpoint(url=url, key=os.environ.get("RAGWORKS_TEST_ENGINE_KEY", ""))
