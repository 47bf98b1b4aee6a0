"""Evaluations: what is asked of the evaluator, what it tells while it works, and the reports that it writes.

A report holds the scores of every query, so that two reports of the same data can be compared later.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from services.shared.contracts.answer_evaluation import AnswersOrder
from services.shared.contracts.frontier import FrontierOrder, FrontierPlotOrder
from services.shared.contracts.frozen import Frozen

REPORT_FORMAT = 1
RefusalReason = Literal["input", "unreachable", "refused", "installation"]
METRICS = ("ndcg@10", "recall@10", "recall@100", "mrr@10", "map")


class RetrievalOrder(Frozen):
    """Evaluate a running platform's search on a folder in BEIR's layout, and write the report."""

    kind: Literal["retrieval"] = "retrieval"
    gateway_url: str
    api_key: str = Field(repr=False, description="Goes by standard input alone: no list of processes shows it.")
    dataset: str = Field(description="The folder.")
    split: str | None = Field(default=None, description="Name of the file below qrels; None: test, or the only one.")
    configurations: tuple[str, ...] = Field(min_length=1)
    collection: str | None = Field(default=None, description="Its name; None: one named after the corpus's content.")
    report: str = Field(description="File to write.")
    patience_s: float = Field(default=300, description="How long a platform that restarts is waited for.")
    request_timeout_s: float = 120


class ComparisonOrder(Frozen):
    """Compare two reports of the same judged queries, and write what differs."""

    kind: Literal["comparison"] = "comparison"
    first: str
    second: str
    configuration: str | None = Field(default=None, description="To compare of both; None: the first of each.")
    report: str = Field(description="File to write.")


class PlotOrder(Frozen):
    """Draw reports of one kind."""

    kind: Literal["plot"] = "plot"
    reports: tuple[str, ...] = Field(min_length=1, description="Their files.")
    report: str = Field(description="The picture to write; its suffix says which format.")


class TrialOrder(Frozen):
    """Tell from the records of answers which side of a trial brings the passages that are cited."""

    kind: Literal["trial"] = "trial"
    gateway_url: str
    api_key: str = Field(repr=False, description="Goes by standard input alone: no list of processes shows it.")
    trial: str
    collection: str | None = Field(default=None, description="Answers from this one alone; None: from all.")
    since: datetime | None = None
    report: str = Field(description="File to write.")
    patience_s: float = 60
    request_timeout_s: float = 120


AnyOrder = RetrievalOrder | ComparisonOrder | AnswersOrder | PlotOrder | TrialOrder | FrontierOrder | FrontierPlotOrder
Order = Annotated[AnyOrder, Field(discriminator="kind")]
ORDER: TypeAdapter[AnyOrder] = TypeAdapter(Order)


class StageProgress(Frozen):
    """How far a stage is."""

    event: Literal["progress"] = "progress"
    stage: str
    done: int
    total: int
    note: str = ""


class Refusal(Frozen):
    """Why there is no report; the last event."""

    event: Literal["refusal"] = "refusal"
    reason: RefusalReason
    message: str
    hint: str = ""


class ReportWritten(Frozen):
    """The report is there; the last event."""

    event: Literal["written"] = "written"


Event = Annotated[StageProgress | Refusal | ReportWritten, Field(discriminator="event")]
EVENT: TypeAdapter[StageProgress | Refusal | ReportWritten] = TypeAdapter(Event)


class Estimate(Frozen):
    """A mean over queries with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


class Difference(Frozen):
    """What a configuration scores more than another on the same queries."""

    value: float = Field(description="Difference of the means; above 0: better than the other.")
    low: float = Field(description="Lower end of its 95 % bootstrap interval.")
    high: float
    p: float = Field(description="Two-sided p of a paired randomisation test.")
    better: int = Field(description="Queries that it answers better.")
    worse: int


class Latency(Frozen):
    """Milliseconds of searches for ten passages, one after the other, as the caller of the gateway sees them."""

    searches: int
    p50_ms: float
    p95_ms: float


class DatasetFacts(Frozen):
    """What was measured on; two runs can be compared when `digest` is the same."""

    name: str
    split: str
    digest: str = Field(description="SHA-256 over documents, queries and judgements.")
    documents: int
    empty_documents: int = Field(description="Without any text; they cannot be found.")
    queries: int = Field(description="Judged ones with a relevant document; the others say nothing.")
    judgements: int


class CollectionFacts(Frozen):
    """The collection that was searched."""

    name: str
    embedding_model: str
    chunking: str = Field(description="Chunker and sizes; `default` is the platform's own choice.")
    documents: int
    chunks: int
    failed: int = Field(description="Documents that could not be ingested; they cannot be found.")
    ingested: int = Field(description="Documents that this run had to send; 0: all was there.")


class ConfigurationReport(Frozen):
    """One way to search, and how well it did."""

    name: str
    request: dict[str, str | float] = Field(description="What its searches carry beside question and collection.")
    metrics: dict[str, Estimate]
    differences: dict[str, Difference] = Field(description="By metric, from the first configuration; empty for that.")
    latency: Latency
    scores: dict[str, dict[str, float]] = Field(description="Metric to query to score.")
    found: dict[str, list[str]] = Field(description="Query to the ten best documents.")


class RetrievalReport(Frozen):
    """A whole run."""

    kind: Literal["retrieval"] = "retrieval"
    format: Literal[1] = REPORT_FORMAT
    created_at: datetime
    dataset: DatasetFacts
    collection: CollectionFacts
    versions: dict[str, str]
    seconds: dict[str, float] = Field(description="By stage.")
    configurations: list[ConfigurationReport]


class TrialReport(Frozen):
    """What the answers of a trial say about its sides."""

    kind: Literal["trial"] = "trial"
    trial: str
    since: datetime | None
    answers: int = Field(description="Answers from results that held passages of both sides.")
    abstained: int = Field(description="Those of them that found nothing, and credit nobody.")
    cited: dict[str, int] = Field(description="Passages cited, by side.")
    difference: Difference | None = Field(
        description="Cited passages of the tried side less those of the current one, per answer; null without answers."
    )
    rated: dict[str, dict[str, int]] = Field(
        description="Thumbs by the side that more was cited of; answers with as many of both are left out."
    )


class ComparedRun(Frozen):
    """One side of a comparison."""

    file: str
    created_at: datetime
    configuration: str
    metrics: dict[str, Estimate]
    latency: Latency


class ComparisonReport(Frozen):
    """Two runs over the same queries."""

    kind: Literal["comparison"] = "comparison"
    dataset: DatasetFacts
    first: ComparedRun
    second: ComparedRun
    differences: dict[str, Difference] = Field(description="Second minus first, by metric.")
    changed: list[str] = Field(description="What else differs between the runs: versions, model, chunking.")


class AnswersComparison(Frozen):
    """Two runs over questions that both were asked."""

    kind: Literal["answers comparison"] = "answers comparison"
    dataset: str
    first: str
    second: str
    questions: int
    differences: dict[str, Difference] = Field(
        description="Second minus first: f1, exact, f1_with_abstention, groundedness, citation_recall, abstained, "
        "false_abstained, followed and seconds; those that no question has in both runs are missing."
    )
    changed: list[str] = Field(description="What else differs between the runs: model, system, form, collection.")
