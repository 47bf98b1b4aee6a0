"""`ragworks eval` against running services: a small data set, measured twice and compared."""

import json
from pathlib import Path

import pytest

from services.shared.contracts.evaluation import ComparisonReport, RetrievalReport
from tests.integration.ingest.stack import Stack
from tests.platforms import ragworks
from tests.unit.evaluate.folders import write_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("beir") / "small")


def test_a_run_measures_and_a_second_one_embeds_nothing_again(
    stack: Stack, env: dict[str, str], dataset: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    command = ["eval", "retrieval", "--dataset", str(dataset), "--config", "sparse"]
    done = ragworks(*command, "--config", "default", "--json", str(first), env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nDCG@10 beside sparse" in done.stdout
    assert "1 document without any text" in done.stdout
    report = RetrievalReport.model_validate_json(first.read_bytes())
    assert (report.dataset.documents, report.dataset.queries, report.collection.ingested) == (4, 2, 3)
    assert report.collection.name.startswith("eval-small-")
    sparse, default = report.configurations
    assert sparse.request == {"fusion": "sparse"}
    assert sparse.metrics["ndcg@10"].value == 1.0
    assert sparse.found == {"q1": ["bread"], "q2": ["pump"]}
    assert set(default.scores["map"]) == {"q1", "q2"}
    assert default.differences.keys() == sparse.metrics.keys()

    embedded = stack.texts_logged()
    done = ragworks(*command, "--json", str(second), "--min", "ndcg@10=0.9", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    again = RetrievalReport.model_validate_json(second.read_bytes())
    assert (again.collection.ingested, stack.texts_logged()) == (0, embedded)
    assert again.dataset.digest == report.dataset.digest

    compared = ragworks("eval", "compare", str(first), "latest", "--json", "-", "--fail-on-loss", "map", env=env)
    assert compared.returncode == 0, compared.stderr
    differences = ComparisonReport.model_validate_json(compared.stdout).differences
    assert differences["ndcg@10"].value == 0
    _check_kept(env, tmp_path)


def _check_kept(env: dict[str, str], folder: Path) -> None:
    """Both runs were kept: three configurations in all, and pictures of them."""
    listed = ragworks("eval", "runs", "--json", env=env)
    rows = json.loads(listed.stdout)
    assert [row["how"] for row in rows[:3]] == ["sparse", "sparse", "default"], "the newest run first"
    assert rows[0]["value"] == 1.0
    assert rows[0]["run"] in ragworks("eval", "runs", env=env).stdout
    picture = folder / "runs.png"
    drawn = ragworks("eval", "plot", rows[0]["run"], rows[1]["run"], "--out", str(picture), env=env)
    assert drawn.returncode == 0, drawn.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    for out, run, said in (("runs.xyz", "latest", "Name a .png"), ("runs.png", "yesterday", "no run 'yesterday'")):
        refused = ragworks("eval", "plot", run, "--out", str(folder / out), env=env)
        assert refused.returncode == 2, refused.stderr
        assert said in refused.stderr


def test_below_the_minimum_the_command_fails(env: dict[str, str], dataset: Path) -> None:
    done = ragworks("eval", "retrieval", "--dataset", str(dataset), "--config", "sparse", "--min", "map=1.0", env=env)
    assert done.returncode == 0, done.stderr
    worst = ["--config", "dense", "--min", "mrr@10=1.0"]  # vectors of hashes mean nothing
    done = ragworks("eval", "retrieval", "--dataset", str(dataset), *worst, env=env)
    assert done.returncode == 1
    assert "below 1.0" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--config", "magic"], 2, "There is no configuration 'magic'"),
        (["--split", "dev"], 2, "no split 'dev'; there are: test"),
        (["--min", "ndcg@10=2"], 2, "from 0 to 1"),
        (["-c", "Not A Name"], 1, "refuses"),
        (["--json", "/nowhere/report.json"], 2, "no folder /nowhere"),
    ],
)
def test_what_cannot_be_done_is_said(
    env: dict[str, str], dataset: Path, arguments: list[str], code: int, said: str
) -> None:
    done = ragworks("eval", "retrieval", "--dataset", str(dataset), *arguments, env=env)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_wrong_key_and_a_platform_that_is_not_there_are_told_apart(env: dict[str, str], dataset: Path) -> None:
    command = ["eval", "retrieval", "--dataset", str(dataset)]
    stranger = ragworks(*command, env={**env, "RAGWORKS_API_KEY": "nobody's"})
    assert stranger.returncode == 1
    assert "RAGWORKS_API_KEY" in stranger.stderr
    nobody = {**env, "RAGWORKS_GATEWAY_URL": "http://127.0.0.1:9", "RAGWORKS_PATIENCE_S": "0"}
    absent = ragworks(*command, env=nobody)
    assert absent.returncode == 3
    assert "http://127.0.0.1:9" in absent.stderr


def test_reports_of_different_data_are_not_compared(env: dict[str, str], dataset: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    command = ["eval", "retrieval", "--dataset", str(dataset), "--config", "sparse", "--json", str(first)]
    assert ragworks(*command, env=env).returncode == 0
    report = json.loads(first.read_bytes())
    second.write_text(json.dumps({**report, "dataset": {**report["dataset"], "digest": "0" * 64}}))
    done = ragworks("eval", "compare", str(first), str(second), env=env)
    assert done.returncode == 2
    assert "different data" in done.stderr
    second.write_text("{}")
    done = ragworks("eval", "compare", str(first), str(second), env=env)
    assert done.returncode == 2
    assert "is not a report" in done.stderr
