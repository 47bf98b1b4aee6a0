"""The throughput frontier of a served model: what is measured, what it shows, and what follows for a load."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class FrontierOrder(Frozen):
    """Measure a model over a sweep of concurrencies, and write report, picture and page."""

    kind: Literal["frontier"] = "frontier"
    gateway_url: str
    api_key: str = Field(repr=False, description="Goes by standard input alone: no list of processes shows it.")
    aiperf: str = Field(description="The command of AIPerf's environment.")
    model: str
    tokenizer: str = Field(description="A folder, or a Hugging Face id.")
    concurrencies: tuple[int, ...] = Field(min_length=1)
    requests: int = Field(ge=1, description="Requests of each concurrency, for each that is in flight.")
    input_tokens: int = Field(ge=1)
    output_tokens: int = Field(ge=2)
    slo_ttft_ms: float = Field(gt=0)
    slo_itl_ms: float = Field(gt=0)
    unit: Literal["core", "GPU"]
    units: int = Field(ge=1, description="How many of them serve the model.")
    hardware: str
    report: str = Field(description="File to write; picture and page stand beside it.")


class FrontierPlotOrder(Frozen):
    """Draw one run, or two beside each other."""

    kind: Literal["frontier_plot"] = "frontier_plot"
    reports: tuple[str, ...] = Field(min_length=1, max_length=2)
    report: str = Field(description="The picture or page to write; its suffix says which.")


class Spread(Frozen):
    """A time in milliseconds over all requests."""

    p50: float
    p95: float


class OperatingPoint(Frozen):
    """One concurrency, measured."""

    concurrency: int
    requests: int
    failed: int
    duration_s: float
    tokens_per_s: float = Field(description="Output tokens of all users together.")
    tokens_per_s_user: float = Field(description="1 / ITL, of the median request.")
    tokens_per_s_unit: float = Field(description="Output tokens for each core or GPU.")
    requests_per_s: float
    ttft_ms: Spread
    itl_ms: Spread
    on_front: bool = Field(description="No other point is as good in both rates and better in one.")
    meets_slo: bool = Field(description="95 of 100 requests are within both targets, and none failed.")


class FrontierReport(Frozen):
    """A run."""

    kind: Literal["frontier"] = "frontier"
    measured_at: datetime
    model: str
    hardware: str
    unit: Literal["core", "GPU"]
    units: int
    input_tokens: int
    output_tokens: int
    slo_ttft_ms: float
    slo_itl_ms: float
    points: list[OperatingPoint]
    best: int | None = Field(description="Concurrency of the best point: most tokens of those that meet the targets.")
    aiperf: str = Field(description="Its version.")


class CapacityPlan(Frozen):
    """What it takes to serve a load within the targets, by a run."""

    requests_per_s: float
    output_tokens: int
    tokens_per_s: float
    replicas: int
    concurrency: int = Field(description="For the catalogue: requests at once per replica.")
    utilisation: float = Field(description="Share of what the replicas can do within the targets.")
    headroom: float
    units: int = Field(description="Cores or GPUs in all.")
