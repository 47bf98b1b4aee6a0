"""What every reranker does; the cross-encoders are small ones that the test trains."""

from pathlib import Path

import pytest

from services.shared.components.rerankers.protocol import Reranker
from services.shared.components.rerankers.registry import load_reranker
from tests.small_reranker import save_reranker

_TEXTS = ["the boat is at the pier", "the pier is granite", "tide and dough", "granite and the tide " * 500]


def _load(folder: Path) -> Reranker:
    return load_reranker("cross-encoder", str(folder), threads=1)


@pytest.mark.parametrize("labels", [1, 2])
def test_texts_are_scored_between_0_and_1_in_their_order(tmp_path: Path, labels: int) -> None:
    reranker = _load(save_reranker(tmp_path / "model", labels=labels))
    scores = reranker.scores("boat", _TEXTS)
    assert len(scores) == 4
    assert all(0 <= score <= 1 for score in scores)
    assert min(scores[1], scores[3]) > 0.5 > max(scores[0], scores[2])  # the longest is cut, not refused
    assert reranker.scores("boat", [*reversed(_TEXTS)]) == pytest.approx([*reversed(scores)], abs=1e-5)
    assert reranker.scores("boat", []) == []


def test_a_model_with_other_labels_is_no_reranker(tmp_path: Path) -> None:
    folder = save_reranker(tmp_path / "moods", labels=3, trained=False)
    with pytest.raises(ValueError, match="3 labels"):
        _load(folder)


def test_a_folder_without_a_model_and_an_unknown_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises((OSError, ValueError), match=str(tmp_path)):
        _load(tmp_path)
    with pytest.raises(ValueError, match="there are: cross-encoder"):
        load_reranker("guess", str(tmp_path), threads=1)
