"""What every dense embedder keeps to: the packaged model on each backend."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from services.shared.components.embedders.local import LocalEmbeddings
from services.shared.components.embedders.openvino_model import OpenVinoEmbeddings, is_openvino_folder
from tests.processes import REPOSITORY

MODEL = REPOSITORY / "var" / "models" / "all-MiniLM-L6-v2"
TEXTS = [
    "A supervisor restarts every service that dies.",
    "Cats sleep for most of the day.",
    "x",
    "The ledger keeps one row for each document, so that nothing is indexed twice. " * 40,
    "Größe, naïve, 東京, \N{ROCKET}, and a tab\tand a line\nend.",
]


def load(backend: str) -> LocalEmbeddings:
    if backend == "openvino":
        return OpenVinoEmbeddings(MODEL, threads=2)
    # Loads PyTorch, for which a process that only collects these tests should not wait.
    from services.shared.components.embedders.sentence_transformer import load_embeddings

    return load_embeddings(str(MODEL), threads=2)


@pytest.fixture(scope="module", params=["torch", "openvino"])
def embedder(request: pytest.FixtureRequest) -> LocalEmbeddings:
    return load(request.param)


def test_it_is_a_langchain_embedder(embedder: LocalEmbeddings) -> None:
    assert isinstance(embedder, Embeddings)


def test_every_vector_has_the_stated_length_and_unit_norm(embedder: LocalEmbeddings) -> None:
    vectors = np.array(embedder.embed_documents(TEXTS))
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_the_same_texts_give_the_same_vectors(embedder: LocalEmbeddings) -> None:
    assert embedder.embed_documents(TEXTS) == embedder.embed_documents(TEXTS)


def test_vectors_keep_the_order_of_their_texts(embedder: LocalEmbeddings) -> None:
    forward = np.array(embedder.embed_documents(TEXTS))
    backward = np.array(embedder.embed_documents(TEXTS[::-1]))[::-1]
    assert _cosines(forward, backward) == pytest.approx(1.0, abs=0.01)


def test_a_text_has_one_vector_alone_or_among_longer_ones(embedder: LocalEmbeddings) -> None:
    together = embedder.embed_batch(TEXTS).vectors
    alone = np.array([embedder.embed_query(text) for text in TEXTS])
    assert _cosines(together, alone) == pytest.approx(1.0, abs=0.01)


def test_a_passage_is_nearer_to_its_question_than_another_one(embedder: LocalEmbeddings) -> None:
    question = np.array(embedder.embed_query("What happens when a process crashes?"))
    supervisor, cats, *_ = np.array(embedder.embed_documents(TEXTS)) @ question
    assert supervisor > cats + 0.1


def test_tokens_are_counted_as_the_model_reads_them(embedder: LocalEmbeddings) -> None:
    assert embedder.embed_batch(["x"]).tokens == 3  # [CLS] x [SEP]
    assert embedder.embed_batch(["x", "word " * 1000]).tokens == 3 + embedder.window_tokens


def test_no_texts_give_no_vectors(embedder: LocalEmbeddings) -> None:
    assert embedder.embed_documents([]) == []


def test_the_fast_backend_agrees_with_the_original() -> None:
    original = load("torch").embed_documents(TEXTS)
    fast = load("openvino").embed_documents(TEXTS)
    _assert_agreement(np.array(original), np.array(fast))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The packaged model's small files, and links to its large ones."""
    copy = tmp_path / "model"
    shutil.copytree(MODEL, copy, copy_function=lambda source, target: Path(target).symlink_to(source))
    for name in ("modules.json", "1_Pooling/config.json", "sentence_bert_config.json"):
        (copy / name).unlink()
        shutil.copyfile(MODEL / name, copy / name)
    return copy


def _pool(folder: Path, **config: object) -> None:
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(config), encoding="utf-8")


def test_both_spellings_of_a_pooling_are_read(folder: Path) -> None:
    as_packaged = OpenVinoEmbeddings(folder, threads=2).embed_query(TEXTS[0])
    _pool(folder, embedding_dimension=384, pooling_mode="mean")
    assert OpenVinoEmbeddings(folder, threads=2).embed_query(TEXTS[0]) == as_packaged


def test_a_model_that_pools_by_its_first_token_does_so_on_both_backends(folder: Path) -> None:
    from services.shared.components.embedders.sentence_transformer import load_embeddings

    _pool(folder, embedding_dimension=384, pooling_mode="cls")
    original = load_embeddings(str(folder), threads=2).embed_documents(TEXTS)
    fast = OpenVinoEmbeddings(folder, threads=2).embed_documents(TEXTS)
    _assert_agreement(np.array(original), np.array(fast))


def test_a_pooling_that_it_does_not_know_is_left_to_pytorch(folder: Path) -> None:
    assert is_openvino_folder(folder)
    _pool(folder, embedding_dimension=384, pooling_mode=["mean", "max"])
    assert not is_openvino_folder(folder)
    with pytest.raises(ValueError, match=r"pools by mean and max; OpenVINO is run with mean or cls"):
        OpenVinoEmbeddings(folder, threads=2)


def test_a_model_with_more_modules_is_left_to_pytorch(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    modules.append({"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"})
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    assert not is_openvino_folder(folder)


def test_a_model_that_wants_lower_case_first_is_left_to_pytorch(folder: Path) -> None:
    config = {"max_seq_length": 256, "do_lower_case": True}
    (folder / "sentence_bert_config.json").write_text(json.dumps(config), encoding="utf-8")
    assert not is_openvino_folder(folder)


def test_loading_an_export_does_not_load_pytorch() -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from services.embedding.adapters.model import loader\n"
        f"loader({str(MODEL)!r}, backend='auto', threads=1)().embed_batch(['a question'])\n"
        "print({'torch', 'transformers'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert ran.stdout.strip() == "set()"


def test_a_folder_without_an_export_is_no_openvino_folder(tmp_path: Path) -> None:
    assert not is_openvino_folder(tmp_path)


def _cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(axis=1)


def _assert_agreement(original: np.ndarray, fast: np.ndarray) -> None:
    """As near as the packaged export was allowed to be: it is an int8 one where the processor has the instructions."""
    cosines = _cosines(original, fast)
    precision = json.loads((MODEL / "ragworks-model.json").read_text(encoding="utf-8"))["precision"]
    least = {"fp32": (0.9999, 0.9999), "int8": (0.93, 0.98)}[precision]
    assert cosines.min() > least[0]
    assert cosines.mean() > least[1]
