"""Two runs of answers beside each other: the same questions, another model, prompt, form or setting."""

from collections.abc import Callable, Mapping

from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.significance import difference
from services.shared.contracts.answer_evaluation import AnswersReport, AskedQuestion
from services.shared.contracts.evaluation import AnswersComparison, ComparisonOrder

_SCORES: Mapping[str, Callable[[AskedQuestion], float | None]] = {
    "f1": lambda asked: asked.f1 if asked.answerable else None,
    "exact": lambda asked: asked.exact if asked.answerable else None,
    "f1_with_abstention": lambda asked: asked.f1,
    "groundedness": lambda asked: asked.grounded,
    "citation_recall": lambda asked: float(asked.cites_gold) if asked.answerable else None,
    "abstained": lambda asked: None if asked.answerable else float(asked.abstained),
    "false_abstained": lambda asked: float(asked.abstained) if asked.answerable else None,
    "followed": lambda asked: None if asked.followed is None else float(asked.followed),
    "seconds": lambda asked: asked.total_ms / 1000,
}


def compare_answers(order: ComparisonOrder, first: AnswersReport, second: AnswersReport) -> AnswersComparison:
    """What the second run does better or worse on the questions that both were asked.

    Raises:
        EvaluationError: there are none.
    """
    before, after = ({each.id: each for each in report.questions} for report in (first, second))
    both = [name for name, asked in before.items() if name in after and after[name].question == asked.question]
    if not both:
        raise EvaluationError(
            f"No question was asked in both runs: {order.first}, {order.second}.",
            hint="Use the same data, --half, --limit and --seed.",
        )
    found = {metric: _pairs(before, after, both, score) for metric, score in _SCORES.items()}
    return AnswersComparison(
        dataset=first.dataset,
        first=order.first,
        second=order.second,
        questions=len(both),
        differences={metric: difference(new, old) for metric, (old, new) in found.items() if new},
        changed=_changed(first, second),
    )


def _pairs(
    before: Mapping[str, AskedQuestion],
    after: Mapping[str, AskedQuestion],
    questions: list[str],
    score: Callable[[AskedQuestion], float | None],
) -> tuple[dict[str, float], dict[str, float]]:
    """The scores of the questions that have one in both runs."""
    old, new = dict[str, float](), dict[str, float]()
    for name in questions:
        was, now = score(before[name]), score(after[name])
        if was is not None and now is not None:
            old[name], new[name] = was, now
    return old, new


def _changed(first: AnswersReport, second: AnswersReport) -> list[str]:
    sides = [
        {
            "model": report.model,
            "system": report.system.value,
            "form": report.form.value if report.form else "as set",
            "unsupported claims": report.unsupported.value if report.unsupported else "as set",
            "instructions hidden": ", ".join(report.injected) or "none",
            "collection": report.collection,
        }
        for report in (first, second)
    ]
    return [f"{name}: {was} → {sides[1][name]}" for name, was in sides[0].items() if was != sides[1][name]]
