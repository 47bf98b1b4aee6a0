"""The models of the inference service with their replicas, as an operator sees them: `/api/models`."""

from pydantic import Field

from services.shared.contracts.frozen import Frozen
from services.shared.contracts.openai import ModelState


class ReplicaView(Frozen):
    """One replica: where it is, its state, and how many requests it has."""

    url: str
    state: str
    running: int


class RecentFigures(Frozen):
    """What a model's requests of the last minutes took, as the request log has them."""

    minutes: int = Field(description="How far back it goes.")
    requests: int = Field(description="How many were looked at: at most 1,000, the newest.")
    failed: int
    slow: int = Field(description="Those that missed a target of their class.")
    output_tokens: int
    ttft_p50_ms: float | None
    ttft_p95_ms: float | None
    itl_p50_ms: float | None
    itl_p95_ms: float | None
    queue_p95_ms: float | None


class ModelView(Frozen):
    """One model as it was declared."""

    name: str
    aliases: list[str]
    adapters: list[str]
    kind: str
    state: ModelState
    price_in: float
    price_out: float
    slo: str | None
    fallback: str | None
    overflow: str | None
    concurrency: int
    waiting: int | None = Field(default=None, description="In the queue; null where no places are counted.")
    recent: RecentFigures | None = Field(default=None, description="Null where no request log is kept.")
    replicas: list[ReplicaView]


class Fleet(Frozen):
    """All models."""

    models: list[ModelView]
