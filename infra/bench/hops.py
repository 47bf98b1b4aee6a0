"""Processor time that a request, and a streamed token, cost in each process they pass.

The time is what the kernel counted for the process and its children, less what they use when nobody asks.
"""

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import psutil

from infra.bench.figures import Figure, Section
from services.frontend.cli.gateway import Gateway
from services.frontend.cli.sse import DONE

HOPS = ("gateway", "orchestrator", "inference")
_STREAM_TOKENS = 256
_REQUESTS_PER_STREAM = 16
_AT_ONCE = 8
_IDLE_S = 5.0


@dataclass(frozen=True)
class Cost:
    """Processor seconds by process."""

    seconds: Mapping[str, float]
    wall_s: float


def measure(gateway: Gateway, pids: Mapping[str, int], *, requests: int) -> Section:
    """Send plain chats, whole with one token each and then streamed with many."""
    meter, chats = _Meter({hop: pids[hop] for hop in HOPS}), _Chats(gateway)
    chats.whole(_AT_ONCE)
    streams = max(requests // _REQUESTS_PER_STREAM, 1)
    idle = meter.during(lambda: time.sleep(_IDLE_S))
    whole = meter.during(lambda: chats.whole(requests))
    streamed = meter.during(lambda: chats.streamed(streams))
    tokens = streams * _STREAM_TOKENS
    figures = list[Figure]()
    for hop in HOPS:
        share = idle.seconds[hop] / idle.wall_s
        per_request = (whole.seconds[hop] - share * whole.wall_s) / requests
        of_streams = streamed.seconds[hop] - share * streamed.wall_s - streams * per_request
        figures += [
            Figure(f"{hop}, per request", "µs", value=1e6 * per_request),
            Figure(f"{hop}, per streamed token", "µs", value=1e6 * of_streams / tokens),
        ]
    notes = [
        f"{requests} plain chats of one token, then {streams} streams of {_STREAM_TOKENS} tokens, {_AT_ONCE} at once.",
        "Linux counts processor time in ticks of 10 ms.",
    ]
    return Section("Processor time per hop", figures, notes)


class _Meter:
    """Counts the processor time of processes and their children."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}

    def during(self, work: Callable[[], object]) -> Cost:
        """What the processes used while the work was done."""
        before, started = self._read(), time.perf_counter()
        work()
        wall_s, after = time.perf_counter() - started, self._read()
        return Cost({name: after[name] - before[name] for name in before}, wall_s)

    def _read(self) -> dict[str, float]:
        return {name: _used_s(process) for name, process in self._processes.items()}


class _Chats:
    """Plain chats with the first model that is not a collection; no two prompts alike."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        models = json.loads(gateway.get("/v1/models"))["data"]
        self._model = next(model["id"] for model in models if model.get("max_model_len"))
        self._numbers = count()

    def whole(self, requests: int) -> None:
        """Answers of one token, each in one piece."""
        self._all(requests, self._ask_whole)

    def streamed(self, requests: int) -> None:
        """Answers of many tokens, streamed."""
        self._all(requests, self._ask_streamed)

    def _all(self, requests: int, ask: Callable[[int], object]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(ask, range(requests)))

    def _ask_whole(self, _: int) -> None:
        self._gateway.post("/v1/chat/completions", self._body(max_tokens=1, stream=False))

    def _ask_streamed(self, _: int) -> None:
        body = self._body(max_tokens=_STREAM_TOKENS, stream=True)
        with self._gateway.stream("/v1/chat/completions", body) as events:
            for event in events:
                if event.data == DONE:
                    return

    def _body(self, *, max_tokens: int, stream: bool) -> dict[str, object]:
        return {
            "model": self._model,
            "messages": [{"role": "user", "content": f"Tell a story about the number {next(self._numbers)}."}],
            "max_tokens": max_tokens,
            "ignore_eos": True,
            "stream": stream,
        }


def _used_s(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(times.user + times.system for times in (member.cpu_times() for member in family))
