"""Folders in BEIR's layout: what is read, and what is said about one that cannot be."""

from pathlib import Path

import pytest

from pipelines.evaluate.dataset import load_dataset
from pipelines.evaluate.failures import DatasetError
from tests.unit.evaluate.folders import DOCUMENTS, write_dataset


def test_questions_that_have_an_answer_are_read_with_all_documents(tmp_path: Path) -> None:
    data = load_dataset(write_dataset(tmp_path / "small"))
    assert (data.name, data.split) == ("small", "test")
    assert list(data.documents) == ["tide", "bread", "pump", "blank"]
    assert data.documents["blank"].is_empty
    assert list(data.questions) == ["q1", "q2"]
    assert data.relevance["q1"] == {"bread": 2, "tide": 0}
    assert data.judgements == 3


def test_equal_content_has_equal_digests_wherever_it_lies(tmp_path: Path) -> None:
    first, again = (load_dataset(write_dataset(tmp_path / name)) for name in ("a", "b"))
    assert first.digest == again.digest
    other = load_dataset(write_dataset(tmp_path / "c", splits={"test": ["q1\tbread\t1"]}))
    assert other.corpus_digest == first.corpus_digest
    assert other.digest != first.digest


def test_the_only_split_is_taken_and_of_several_one_is_to_be_named(tmp_path: Path) -> None:
    only = write_dataset(tmp_path / "only", splits={"dev": ["q1\tbread\t1"]})
    assert load_dataset(only).split == "dev"
    several = write_dataset(tmp_path / "several", splits={"dev": ["q1\tbread\t1"], "train": ["q2\tpump\t1"]})
    with pytest.raises(DatasetError, match="several splits: dev, train"):
        load_dataset(several)
    assert list(load_dataset(several, split="train").questions) == ["q2"]
    with pytest.raises(DatasetError, match="no split 'test'; there are: dev, train"):
        load_dataset(several, split="test")


def test_judgements_may_come_without_the_names_of_the_columns(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "small")
    (folder / "qrels" / "test.tsv").write_text("q2\tpump\t1\n")
    assert load_dataset(folder).relevance == {"q2": {"pump": 1}}


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{"_id": "b", ', r"corpus\.jsonl:2 is not JSON"),
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n[1]\n', r"corpus\.jsonl:2 is not a JSON object"),
        ("corpus.jsonl", '{"text": "x"}\n', r"corpus\.jsonl:1: '_id' is missing"),
        (
            "corpus.jsonl",
            '{"_id": "a", "text": "x"}\n\n{"_id": "a", "text": "y"}\n',
            r":3: '_id' 'a' is also on line 1",
        ),
        ("corpus.jsonl", '{"_id": "a", "title": "x"}\n', r"corpus\.jsonl:1: a document needs a 'text'"),
        ("corpus.jsonl", "\n", r"corpus\.jsonl is empty"),
        ("queries.jsonl", '{"_id": "q1", "text": " "}\n', r"queries\.jsonl:1: a question needs a 'text'"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\tnowhere\t1\n", r"test\.tsv:2: the document 'nowhere'"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq9\tbread\t1\n", r"test\.tsv:2: the query 'q9'"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 bread 1\n", r"test\.tsv:2: expected query id"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\tbread\tgood\n", r"test\.tsv:2: expected query id"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\tbread\t0\n", "no question has a relevant document"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\n", r"test\.tsv is empty"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(tmp_path: Path, file: str, content: str, said: str) -> None:
    folder = write_dataset(tmp_path / "small")
    (folder / file).write_text(content)
    with pytest.raises(DatasetError, match=said):
        load_dataset(folder)


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "small")
    (folder / "corpus.jsonl").write_bytes(b'{"_id": "a", "text": "x"}\n\xff\xfe\n')
    with pytest.raises(DatasetError, match=r"corpus\.jsonl:2 is not UTF-8"):
        load_dataset(folder)


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named_and_the_layout_explained(tmp_path: Path, missing: str) -> None:
    folder = write_dataset(tmp_path / "small", documents=DOCUMENTS)
    (folder / missing).unlink()
    with pytest.raises(DatasetError) as caught:
        load_dataset(folder)
    assert missing.split("/", maxsplit=1)[0] in caught.value.message
    assert "qrels/SPLIT.tsv" in caught.value.hint


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no folder"):
        load_dataset(tmp_path / "nowhere")
