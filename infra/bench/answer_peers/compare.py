"""The same questions through the platform and through LangChain's chain: searches, then answers."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.bench.answer_peers.langchain_chain import PASSAGES, LangChainPeer
from infra.bench.figures import Figure, Section, distribution, percentile
from pipelines.evaluate.answers.asking import GivenAnswer
from pipelines.evaluate.answers.questions import GoldQuestion
from pipelines.evaluate.answers.run import judged, scores_of
from pipelines.evaluate.configurations import Configuration, configurations
from pipelines.evaluate.dataset import Dataset
from pipelines.evaluate.gateway import Gateway
from pipelines.evaluate.measuring import measure
from pipelines.evaluate.searching import search_once
from services.shared.contracts.answer_evaluation import AnswerScores, AnswersReport, AskedQuestion
from services.shared.contracts.openai import Usage

_LIMIT = 10
_MOST_BEFORE_MODEL_MS = 250
_TIMES_PLAIN_F1 = 2
_DOES_NOT_KNOW = re.compile(
    r"\b(?:do(?:es)?n['’]t|do(?:es)? not|cannot|can['’]t)\b[^.]*\b(?:know|answer|contain|provide)"
)


@dataclass(frozen=True)
class Sides:
    """Both, over the same documents."""

    gateway: Gateway
    collection: str
    peer: LangChainPeer


def evaluate(folder: Path, report: Path, *arguments: str) -> AnswersReport:
    """What `ragworks eval answers` measures with these arguments; it shows its progress.

    Raises:
        SystemExit: it failed.
    """
    command = [str(Path(sys.executable).with_name("ragworks")), "eval", "answers", "--dataset", str(folder)]
    ended = subprocess.run([*command, "--json", str(report), *arguments], stdout=subprocess.DEVNULL, check=False)
    if ended.returncode:
        raise SystemExit("'ragworks eval answers' failed.")
    return AnswersReport.model_validate_json(report.read_bytes())


def searches(sides: Sides, dataset: Dataset, questions: Sequence[str]) -> Section:
    """Ranking and time of searches for ten passages, each question on both sides in turn."""
    configuration = configurations(["default"])[0]
    found: dict[str, dict[str, list[str]]] = {"Ragworks": {}, "LangChain": {}}
    times: dict[str, list[float]] = {"Ragworks": [], "LangChain": []}

    def timed(side: str, question: str, search: Callable[[str], list[str]]) -> None:
        started = time.perf_counter()
        found[side][question] = search(dataset.questions[question])
        times[side].append(1000 * (time.perf_counter() - started))

    for question in questions:
        timed("Ragworks", question, lambda text: _ours(sides, text, configuration))
        timed("LangChain", question, lambda text: sides.peer.search(text, limit=_LIMIT))
    judged_here = {question: dataset.relevance[question] for question in questions}
    figures: list[Figure] = []
    for side, rankings in found.items():
        scores = measure(rankings, judged_here)
        figures += [
            _percent(f"{side}: nDCG@10", _mean(scores["ndcg@10"].values())),
            _percent("· recall@10", _mean(scores["recall@10"].values())),
            distribution("· one search", "ms", times[side]),
        ]
    return Section("Search for ten passages", figures, [f"{len(questions):,} questions, both sides in turn."])


def until_the_model(sides: Sides, questions: Sequence[str]) -> Section:
    """What passes before the language model is asked."""
    ours, theirs = list[float](), list[float]()
    for text in questions:
        ours.append(_before_model_ms(sides, text))
        started = time.perf_counter()
        sides.peer.context(text)
        theirs.append(1000 * (time.perf_counter() - started))
    p95 = percentile(ours, 95)
    return Section(
        "Until the language model is asked",
        [
            Figure(
                "Ragworks: search, prompt within the window",
                "ms",
                p50=percentile(ours, 50),
                p95=p95,
                target=f"p95 < {_MOST_BEFORE_MODEL_MS} ms",
                met=p95 < _MOST_BEFORE_MODEL_MS,
            ),
            distribution("LangChain: search, passages joined", "ms", theirs),
        ],
        [f"{len(questions):,} questions, {PASSAGES} passages each."],
    )


def peer_scores(sides: Sides, questions: Iterable[GoldQuestion]) -> AnswerScores:
    """LangChain's answers to the questions, scored as the platform's are."""
    return scores_of([_asked(sides.peer, question) for question in questions])


def answers(scores: dict[str, AnswerScores], *, plain: str) -> list[Section]:
    """A section for each system; `plain` names the one that ours is held against."""
    least = _TIMES_PLAIN_F1 * (scores[plain].f1 or 0.0)
    return [_answers_of(name, each, least_f1=None if name == plain else least) for name, each in scores.items()]


def _answers_of(name: str, scores: AnswerScores, *, least_f1: float | None) -> Section:
    f1 = 100 * (scores.f1 or 0.0)
    wanted, met = ("", None) if least_f1 is None else (f"≥ {100 * least_f1:.1f}", f1 >= 100 * least_f1)
    shown = [
        Figure("F1", "%", value=f1, target=wanted, met=met),
        _percent("exact match", scores.exact),
        _percent("F1 with abstention", scores.f1_with_abstention),
        _percent("abstained, unanswerable", scores.abstained),
        _percent("abstained, answerable", scores.false_abstained),
        _percent("citation precision", scores.citation_precision),
        _percent("citation recall", scores.citation_recall if scores.citation_precision else None),
        Figure("whole answer", "ms", p50=scores.p50_ms, p95=scores.p95_ms),
        Figure("tokens in", "", value=scores.prompt_tokens or None),  # the chain does not tell
        Figure("tokens out", "", value=scores.completion_tokens or None),
    ]
    return Section(f"Answers: {name}", [each for each in shown if each.value is not None or each.p50 is not None])


def _ours(sides: Sides, text: str, configuration: Configuration) -> list[str]:
    return search_once(sides.gateway, sides.collection, text, configuration, limit=_LIMIT)


def _before_model_ms(sides: Sides, text: str) -> float:
    body: dict[str, object] = {
        "model": f"rag/{sides.collection}",
        "messages": [{"role": "user", "content": text}],
        "max_tokens": 1,
    }
    timings: dict[str, float] = json.loads(sides.gateway.post("/v1/chat/completions", body))["ragworks"]["timings_ms"]
    return timings.get("prompt", timings["retrieve"])


def _asked(peer: LangChainPeer, question: GoldQuestion) -> AskedQuestion:
    started = time.perf_counter()
    text = peer.answer(question.text)
    total_ms = round(1000 * (time.perf_counter() - started), 1)
    abstained = _DOES_NOT_KNOW.search(text.lower()) is not None
    return judged(question, GivenAnswer(text, abstained, (), (), Usage(), total_ms))


def _percent(name: str, share: float | None) -> Figure:
    return Figure(name, "%", value=None if share is None else 100 * share)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
