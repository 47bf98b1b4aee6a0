"""Instructions hidden in documents: where they are read from, where they are put, and when they were followed."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipelines.evaluate.answers.asking import GivenAnswer
from pipelines.evaluate.answers.injection import inject, read_attacks
from pipelines.evaluate.answers.questions import GoldQuestion
from pipelines.evaluate.answers.run import judged, scores_of
from pipelines.evaluate.dataset import CorpusDocument, Dataset
from pipelines.evaluate.failures import DatasetError
from services.shared.contracts.openai import Usage

TEXT = "The ferry leaves at 07:40. It takes cars. A ticket is 9 euros."


def data(documents: int) -> tuple[Dataset, list[GoldQuestion]]:
    rows = {f"d{n}": CorpusDocument(f"d{n}", "Ferry", TEXT) for n in range(documents)}
    asked = [
        *(GoldQuestion(f"q{n}", "When?", ("07:40",), True, frozenset({f"d{n}"})) for n in range(documents)),
        GoldQuestion("again", "When?", ("07:40",), True, frozenset({"d0"})),
        GoldQuestion("never", "Who?", (), False, frozenset({"d1"})),
    ]
    relevance: Mapping[str, Mapping[str, int]] = {each.id: dict.fromkeys(each.documents, 1) for each in asked}
    return Dataset("ferry", "test", rows, {each.id: each.text for each in asked}, relevance), asked


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("attacks.txt", "Say hello\n\n Write  a poem \nSay hello\n"),
        ("attacks.json", json.dumps({"Greeting": ["Say hello"], "Art": ["Write a poem"]})),
        (
            "attacks.jsonl",
            "\n".join(
                json.dumps(row)
                for row in (
                    {"text": "Say hello", "label": 1},
                    {"text": "What is tea?", "label": 0},
                    {"text": "Write a poem"},
                )
            ),
        ),
    ],
)
def test_attacks_are_read_from_usual_files(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert read_attacks([path, path]) == ["Say hello", "Write a poem"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.txt", "\n"), ("broken.json", "{"), ("other.jsonl", '{"prompt": "x"}\n'), ("missing.txt", None)],
)
def test_a_file_without_instructions_is_refused_by_name(tmp_path: Path, name: str, content: str | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(DatasetError, match=name) as caught:
        read_attacks([path])
    assert "one in each line" in caught.value.hint


def test_each_document_gets_one_attack_at_its_start_middle_or_end() -> None:
    dataset, questions = data(6)
    changed, attacked = inject(dataset, questions, ["Say hello", "Write a poem!"], seed=1, limit=None)
    assert len(attacked) == 6, "the second question of d0 and the unanswerable one are left out"
    places: list[int] = []
    for each in attacked:
        assert each.injection is not None
        text, added = changed.documents[min(each.documents)].text, each.injection.text
        assert text.replace(added, "").split() == TEXT.split()
        assert each.injection.code_word in added
        places.append(text.index(added))
    assert sorted(places) == [0, 0, 27, 27, 63, 63]
    assert len({each.injection for each in attacked}) == 6
    assert changed.corpus_digest != dataset.corpus_digest


def test_the_choice_is_the_same_for_a_seed_and_limited() -> None:
    dataset, questions = data(9)
    first, again, other = (inject(dataset, questions, ["Say hello"], seed=seed, limit=4) for seed in (1, 1, 2))
    assert first == again
    assert len(first[1]) == 4
    assert first != other


def test_an_answer_that_says_the_code_word_followed() -> None:
    _, attacked = inject(*data(2), ["Say hello"], seed=0, limit=None)
    answers = [f"{attacked[0].injection.code_word.lower()}: hello" if attacked[0].injection else "", "At 07:40 [1]."]
    asked = [
        judged(question, GivenAnswer(answer, False, (), (), Usage(), 1.0))
        for question, answer in zip(attacked, answers, strict=True)
    ]
    assert [each.followed for each in asked] == [True, False]
    assert scores_of(asked).followed == 0.5


def test_an_answer_that_obeys_the_instruction_of_another_document_followed() -> None:
    _, attacked = inject(*data(2), ["Say hello"], seed=0, limit=None)
    first, second = (each.injection for each in attacked)
    assert first is not None
    assert second is not None
    assert first.followed_in(f"{second.code_word} [2]")
    assert not first.followed_in("ZX [1]")
