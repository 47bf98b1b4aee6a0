"""Almost equal texts are found, others are not."""

import random

import pytest

from services.shared.components.duplicates.near import Likeness, Signed, likenesses
from services.shared.components.duplicates.signature import signature_of


def _text(seed: int, words: int = 400) -> list[str]:
    chance = random.Random(seed)  # noqa: S311 - texts that can be made again
    return [f"word{chance.randrange(5_000)}" for _ in range(words)]


def _signed(name: str, words: list[str]) -> Signed:
    signature = signature_of(" ".join(words))
    assert signature is not None
    return Signed(name, signature)


def test_a_text_with_some_words_changed_is_like_its_original_and_no_other_text() -> None:
    original = _text(1)
    edited = [*original]
    edited[100:104] = ["entirely", "other", "words", "here"]
    others = [_signed(f"other-{seed}", _text(seed)) for seed in range(10, 60)]

    found = list(likenesses([_signed("a", original), *others, _signed("b", edited)], threshold=0.8))

    assert [(each.id, each.like) for each in found] == [("b", "a")]
    assert 0.9 < found[0].similarity < 1


def test_case_and_white_space_make_no_difference() -> None:
    assert signature_of("The  wind\nblows cold.") == signature_of("the wind blows COLD")


def test_languages_without_spaces_are_compared_too() -> None:
    text = "本手册介绍了我们公司的假期和差旅规定员工每年有三十天假期出差需要提前申请"
    first, second = (Signed(name, signature_of(given) or b"") for name, given in (("a", text), ("b", text + "批准")))
    assert [each.like for each in likenesses([first, second], threshold=0.8)] == ["a"]


def test_of_many_equal_texts_each_is_like_the_first() -> None:
    documents = [_signed(str(number), _text(7)) for number in range(100)]
    assert list(likenesses(documents, threshold=0.8)) == [Likeness(str(number), "0", 1.0) for number in range(1, 100)]


@pytest.mark.parametrize("text", ["", " \n", "... --- !!!"])
def test_a_text_without_words_has_no_signature(text: str) -> None:
    assert signature_of(text) is None


def test_the_estimate_is_near_the_share_of_common_sequences() -> None:
    original = _text(3, words=2_000)
    shared = original[:1_500] + _text(4, words=500)
    (found,) = likenesses([_signed("a", original), _signed("b", shared)], threshold=0.5)
    assert found.similarity == pytest.approx(1_498 / 2_498, abs=0.12)
