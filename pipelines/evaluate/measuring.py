"""The metrics, computed by ir-measures over pytrec_eval: the same figures that trec_eval gives."""

from collections.abc import Mapping, Sequence
from importlib import metadata

from pipelines.evaluate.failures import NotInstalledError
from services.shared.contracts.evaluation import METRICS

_PACKAGES = ("ir-measures", "pytrec-eval-terrier")
_NAMES = {"nDCG@10": "ndcg@10", "R@10": "recall@10", "R@100": "recall@100", "RR@10": "mrr@10", "AP": "map"}

Scores = dict[str, dict[str, float]]
"""Metric to question to score, 0 to 1."""


def check_installed() -> dict[str, str]:
    """Versions of the libraries that measure.

    Raises:
        NotInstalledError: they are not there.
    """
    try:
        return {name: metadata.version(name) for name in _PACKAGES}
    except metadata.PackageNotFoundError as error:
        raise NotInstalledError(
            f"Evaluation needs {error.name}, which is not installed.",
            hint="Install it: pip install 'ragworks[evaluate]'.",
        ) from error


def measure(found: Mapping[str, Sequence[str]], relevance: Mapping[str, Mapping[str, int]]) -> Scores:
    """Each metric of each question; a question for which nothing was found scores 0.

    Args:
        found: question to documents, best first.
        relevance: question to graded documents; above 0 is relevant.
    """
    import ir_measures  # not before it is known to be installed

    measures = [ir_measures.parse_measure(name) for name in _NAMES]
    judged = {question: dict(grades) for question, grades in relevance.items()}
    scores: Scores = {metric: dict.fromkeys(relevance, 0.0) for metric in METRICS}
    for each in ir_measures.iter_calc(measures, judged, _as_run(found)):
        scores[_NAMES[str(each.measure)]][each.query_id] = round(float(each.value), 6)
    return scores


def _as_run(found: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
    """Places as falling scores: the libraries sort anew, and would order equal scores by name."""
    return {
        question: {document: float(len(documents) - place) for place, document in enumerate(documents)}
        for question, documents in found.items()
    }
