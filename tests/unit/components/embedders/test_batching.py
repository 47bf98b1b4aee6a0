"""How texts are put into batches."""

from hypothesis import given
from hypothesis import strategies as st

from services.shared.components.embedders.batching import plan_batches


@given(st.lists(st.text(max_size=3000), max_size=60), st.integers(1, 4096))
def test_every_text_is_in_exactly_one_batch(texts: list[str], batch_tokens: int) -> None:
    plan = plan_batches(texts, window_tokens=256, batch_tokens=batch_tokens)
    assert sorted(position for batch in plan for position in batch) == list(range(len(texts)))
    assert all(plan)


def test_texts_of_similar_length_share_a_batch() -> None:
    texts = ["long " * 200, "a", "long " * 199, "b"]
    assert plan_batches(texts, window_tokens=256, batch_tokens=512) == [[0, 2], [1, 3]]


def test_a_batch_holds_more_short_texts_than_long_ones() -> None:
    long, short = ["word " * 300] * 32, ["word"] * 32
    assert len(plan_batches(long, window_tokens=256, batch_tokens=2048)) == 4
    assert len(plan_batches(short, window_tokens=256, batch_tokens=2048)) == 1


def test_a_text_beyond_the_window_costs_no_more_than_a_full_one() -> None:
    assert plan_batches(["x" * 1_000_000] * 8, window_tokens=256, batch_tokens=2048) == [list(range(8))]


def test_a_text_larger_than_a_batch_is_a_batch_of_its_own() -> None:
    assert plan_batches(["word " * 300] * 2, window_tokens=256, batch_tokens=10) == [[0], [1]]
