"""Every judged question through the public search, and how long searches take."""

import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from pipelines.evaluate.configurations import Configuration
from pipelines.evaluate.dataset import Dataset
from pipelines.evaluate.gateway import Gateway
from pipelines.evaluate.telling import stage
from services.shared.contracts.evaluation import Latency
from services.shared.contracts.search import MAX_RESULTS

Rankings = dict[str, list[str]]
"""Question to documents, best first."""

_SEARCHES_AT_ONCE = 2
_TIMED_SEARCHES = 100
_TIMED_PASSAGES = 10
_WARM_UP = 5


def rankings(gateway: Gateway, dataset: Dataset, collection: str, configuration: Configuration) -> Rankings:
    """What is found for each question, to the depth that the platform allows."""

    def search(question: str) -> tuple[str, list[str]]:
        query = dataset.questions[question]
        found = search_once(gateway, collection, query, configuration, limit=MAX_RESULTS)
        searching.advance()
        return question, found

    with stage(f"Searching {configuration.name}", total=len(dataset.questions)) as searching:
        pool = ThreadPoolExecutor(_SEARCHES_AT_ONCE)
        try:
            return dict(pool.map(search, dataset.questions))
        finally:
            pool.shutdown(cancel_futures=True)


def latency(gateway: Gateway, dataset: Dataset, collection: str, configuration: Configuration) -> Latency:
    """How long searches for ten passages take, one after the other: questions from all over the set."""
    questions = list(dataset.questions.values())
    timed = questions[:: max(1, len(questions) // _TIMED_SEARCHES)][:_TIMED_SEARCHES]
    for query in timed[:_WARM_UP]:
        search_once(gateway, collection, query, configuration, limit=_TIMED_PASSAGES)
    taken: list[float] = []
    with stage(f"Timing {configuration.name}", total=len(timed)) as timing:
        for query in timed:
            started = time.perf_counter()
            search_once(gateway, collection, query, configuration, limit=_TIMED_PASSAGES)
            taken.append((time.perf_counter() - started) * 1000)
            timing.advance()
    return Latency(searches=len(taken), p50_ms=_quantile(taken, 0.5), p95_ms=_quantile(taken, 0.95))


def search_once(
    gateway: Gateway, collection: str, query: str, configuration: Configuration, *, limit: int
) -> list[str]:
    """The documents found, best first."""
    request = {"collection": collection, "query": query, "limit": limit, "cache": False, **configuration.request}
    passages = json.loads(gateway.post("/api/search", request))["passages"]
    return documents_of(str(passage["chunk"]["source"]) for passage in passages)


def documents_of(sources: Iterable[str]) -> list[str]:
    """The documents that passages are of, each at the place of its best passage."""
    return list(dict.fromkeys(sources))


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)
