"""What each stage of an answer takes until the first token, and what the platform adds to the engine.

Every question is asked once, one after the other. Three clocks are read for the same request: the client's, the
orchestrator's (the last chunk carries it), and the engine's (the growth of its histogram's sum is this request's time).
What the platform adds is the client's time less the engine's.
"""

import json
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from infra.bench.figures import Figure, Section, distribution, percentile
from services.frontend.cli.gateway import Gateway
from services.frontend.cli.settings import CliSettings
from services.frontend.cli.sse import DONE

_ADDED_TARGET_MS = 60
_ANSWER_TOKENS = 16
_WARM_UPS = 5
_ENGINE_TTFT = "vllm:time_to_first_token_seconds"
_INFERENCE_TTFT = "gen_ai_server_time_to_first_token_seconds"


@dataclass(frozen=True)
class Timing:
    """One answer, in milliseconds until its first token; the orchestrator's clock starts when its graph does."""

    client: float
    retrieve: float
    prompt: float
    first_token: float
    inference: float
    engine: float

    @property
    def added(self) -> float:
        return self.client - self.engine

    @property
    def edge(self) -> float:
        """The gateway, the way into the graph, and the way of the first token out to the client."""
        return self.client - self.first_token

    @property
    def prompting(self) -> float:
        return self.prompt - self.retrieve

    @property
    def engine_server(self) -> float:
        """Between inference's sending and the first chunk it gets, less the engine's time: vLLM's own HTTP server."""
        return self.inference - self.engine

    @property
    def inference_hop(self) -> float:
        """The way through inference, and the wait for the first chunk that holds text."""
        return self.first_token - self.prompt - self.inference


def measure(gateway: Gateway, settings: CliSettings, questions: Sequence[str], *, collection: str) -> Section:
    """Ask the questions and time every stage."""
    watch = _Watch(gateway, settings, model=f"rag/{collection}")
    for question in questions[:_WARM_UPS]:
        watch.ask(f"{question} In short?")
    asked = [watch.ask(question) for question in questions]
    timings = [timing for timing in asked if timing is not None]
    if not timings:
        raise SystemExit("No question was answered by the model alone: is the corpus in, and is nobody else asking?")
    added = percentile([timing.added for timing in timings], 50)
    return Section(
        "Answer, until the first token",
        [
            _spread("client: question sent → first token", [timing.client for timing in timings]),
            _spread("engine's own time to first token", [timing.engine for timing in timings]),
            Figure(
                "added by the platform",
                "ms",
                p50=added,
                p95=percentile([timing.added for timing in timings], 95),
                target=f"p50 < {_ADDED_TARGET_MS} ms",
                met=added < _ADDED_TARGET_MS,
            ),
            _spread("· gateway and orchestrator, both ways", [timing.edge for timing in timings]),
            _spread("· retrieve: embed the question, search, fuse", [timing.retrieve for timing in timings]),
            _spread("· prompt: fit the passages into the window", [timing.prompting for timing in timings]),
            _spread("· inference, and the first text", [timing.inference_hop for timing in timings]),
            _spread("· the engine's HTTP server", [timing.engine_server for timing in timings]),
        ],
        [
            f"{len(timings)} questions, one at a time.",
            f"{len(asked) - len(timings)} more had no answer in the corpus and are not counted.",
        ],
    )


class _Watch:
    """Asks questions and reads the clocks."""

    def __init__(self, gateway: Gateway, settings: CliSettings, *, model: str) -> None:
        self._gateway = gateway
        self._model = model
        self._engine = f"{settings.engine_url}/metrics"
        self._inference = f"{settings.inference_url}/metrics"

    def ask(self, question: str) -> Timing | None:
        """The times of one answer; None when the model was not asked, or was also asked by somebody else."""
        engine, inference = _read(self._engine, _ENGINE_TTFT), _read(self._inference, _INFERENCE_TTFT)
        client, stages = self._stream(question)
        engine_after, inference_after = _read(self._engine, _ENGINE_TTFT), _read(self._inference, _INFERENCE_TTFT)
        if {engine_after.count - engine.count, inference_after.count - inference.count} != {1}:
            return None
        return Timing(
            client=client,
            retrieve=stages["retrieve"],
            prompt=stages["prompt"],
            first_token=stages["first_token"],
            inference=1000 * (inference_after.seconds - inference.seconds),
            engine=1000 * (engine_after.seconds - engine.seconds),
        )

    def _stream(self, question: str) -> tuple[float, dict[str, float]]:
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": question}],
            "stream": True,
            "max_tokens": _ANSWER_TOKENS,
            "temperature": 0,
        }
        first_ms, stages = 0.0, dict[str, float]()
        sent = time.perf_counter()
        with self._gateway.stream("/v1/chat/completions", body) as events:
            for event in events:
                if event.data == DONE:
                    break
                chunk = json.loads(event.data)
                if not first_ms and _text(chunk):
                    first_ms = 1000 * (time.perf_counter() - sent)
                stages |= chunk.get("ragworks", {}).get("timings_ms", {})
        return first_ms, stages


def _text(chunk: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    return "".join(choice["delta"].get("content") or "" for choice in chunk["choices"])


@dataclass(frozen=True)
class _Total:
    """A Prometheus histogram over all its labels."""

    count: int
    seconds: float


def _read(url: str, name: str) -> _Total:
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - an address of the running platform
        lines = response.read().decode().splitlines()

    def total(suffix: str) -> float:
        return sum(float(line.rsplit(" ", maxsplit=1)[1]) for line in lines if line.startswith(f"{name}_{suffix}"))

    return _Total(count=int(total("count")), seconds=total("sum"))


def _spread(name: str, values: Sequence[float]) -> Figure:
    return distribution(name, "ms", values)
