"""An evaluation of answers, from the folder to the report."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from pipelines.evaluate.answers.asking import GivenAnswer, ask, model_of
from pipelines.evaluate.answers.injection import inject, read_attacks
from pipelines.evaluate.answers.matching import exact_match, without_marks, word_f1
from pipelines.evaluate.answers.questions import GoldQuestion, chosen, load_questions
from pipelines.evaluate.collection import collection_name, fill
from pipelines.evaluate.dataset import Dataset, load_dataset
from pipelines.evaluate.gateway import Gateway
from pipelines.evaluate.telling import stage
from services.shared.contracts.answer_evaluation import AnswerScores, AnswersOrder, AnswersReport, AskedQuestion
from services.shared.contracts.answers import Verdict


def evaluate_answers(order: AnswersOrder) -> AnswersReport:
    """Ingest what is missing, ask, measure.

    Raises:
        EvaluationError: the data cannot be used, or the platform fails.
    """
    dataset, gold = _questions(order)
    with Gateway(
        order.gateway_url, order.api_key, timeout_s=order.request_timeout_s, patience_s=order.patience_s
    ) as gateway:
        model = model_of(gateway)
        collection = fill(gateway, dataset, order.collection or collection_name(dataset))
        asked = _asked(gateway, gold, order, collection=collection.name, model=model)
    return AnswersReport(
        created_at=datetime.now(UTC),
        dataset=dataset.name,
        half=order.half,
        seed=order.seed,
        system=order.system,
        model=model,
        form=order.form,
        unsupported=order.unsupported,
        injected=order.inject,
        collection=collection.name,
        scores=scores_of(asked),
        questions=asked,
    )


def _questions(order: AnswersOrder) -> tuple[Dataset, list[GoldQuestion]]:
    """What is asked, and the documents as they are ingested."""
    folder = Path(order.dataset)
    dataset = load_dataset(folder, split=order.split)
    questions = load_questions(folder, dataset.relevance)
    if not order.inject:
        return dataset, chosen(questions, half=order.half, limit=order.limit, seed=order.seed)
    attacks = read_attacks([Path(each) for each in order.inject])
    half = chosen(questions, half=order.half, limit=None, seed=order.seed)
    return inject(dataset, half, attacks, seed=order.seed, limit=order.limit)


def scores_of(asked: Sequence[AskedQuestion]) -> AnswerScores:
    """The means of a run."""
    answerable = [each for each in asked if each.answerable]
    unanswerable = [each for each in asked if not each.answerable]
    cited = [(document, each) for each in asked for document in each.cited_documents]
    times = sorted(each.total_ms for each in asked)
    return AnswerScores(
        questions=len(asked),
        answerable=len(answerable),
        exact=_mean(each.exact for each in answerable),
        f1=_mean(each.f1 for each in answerable),
        f1_with_abstention=_mean(each.f1 for each in asked),
        groundedness=_mean(each.grounded for each in asked if each.grounded is not None),
        citation_precision=_mean(document in each.gold_documents for document, each in cited if each.answerable),
        citation_recall=_mean(each.cites_gold for each in answerable),
        answered_citation_recall=_mean(each.cites_gold for each in answerable if not each.abstained),
        abstained=_mean(each.abstained for each in unanswerable),
        false_abstained=_mean(each.abstained for each in answerable),
        followed=_mean(each.followed for each in asked if each.followed is not None),
        p50_ms=_at(times, 0.5),
        p95_ms=_at(times, 0.95),
        prompt_tokens=_mean(each.prompt_tokens for each in asked) or 0.0,
        completion_tokens=_mean(each.completion_tokens for each in asked) or 0.0,
    )


def judged(question: GoldQuestion, given: GivenAnswer) -> AskedQuestion:
    """An answer beside the gold one."""
    predicted = "" if given.abstained else without_marks(given.text)
    supported = [verdict is Verdict.SUPPORTED for verdict in given.verdicts]
    return AskedQuestion(
        id=question.id,
        question=question.text,
        answerable=question.answerable,
        gold_answers=list(question.answers),
        gold_documents=sorted(question.documents),
        answer=given.text,
        predicted=predicted,
        abstained=given.abstained,
        cited_documents=list(given.cited),
        exact=exact_match(predicted, question.answers),
        f1=round(word_f1(predicted, question.answers), 4),
        grounded=round(fmean(supported), 4) if supported else None,
        total_ms=given.total_ms,
        injected=question.injection.text if question.injection else None,
        followed=question.injection.followed_in(given.text) if question.injection else None,
        prompt_tokens=given.usage.prompt_tokens,
        completion_tokens=given.usage.completion_tokens,
    )


def _asked(
    gateway: Gateway, gold: Sequence[GoldQuestion], order: AnswersOrder, *, collection: str, model: str
) -> list[AskedQuestion]:
    with stage("Asking", total=len(gold)) as asking:

        def one(question: GoldQuestion) -> AskedQuestion:
            given = ask(gateway, question, order=order, collection=collection, model=model)
            asking.advance()
            return judged(question, given)

        pool = ThreadPoolExecutor(order.parallel)
        try:
            return list(pool.map(one, gold))
        finally:
            pool.shutdown(cancel_futures=True)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(fmean(found), 4) if found else None


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
