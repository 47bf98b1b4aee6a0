"""Runs that were kept: named after what they measured, found by the start of their name."""

import json
from pathlib import Path

import pytest

from services.frontend.cli.evaluation.runs import KeptRuns
from services.frontend.cli.exits import CliError

RETRIEVAL = json.dumps({"kind": "retrieval", "dataset": {"name": "my set/2"}})
ANSWERS = json.dumps({"kind": "answers", "dataset": "squad2-dev"})


def test_runs_are_named_listed_and_found(tmp_path: Path) -> None:
    runs = KeptRuns.of(tmp_path)
    assert list(runs.all()) == []
    first, second = runs.keep(RETRIEVAL), runs.keep(ANSWERS)
    assert first.name.endswith("-retrieval-my-set-2")
    assert second.path.read_text() == ANSWERS
    assert second.path.stat().st_mode & 0o077 == 0, "answers quote documents"
    assert {each.name for each in runs.all()} == {first.name, second.name}
    assert runs.find(first.name) == first.path
    assert runs.find("latest") == next(runs.all()).path
    assert runs.find(str(first.path)) == first.path


def test_two_runs_of_one_second_are_both_kept(tmp_path: Path) -> None:
    runs = KeptRuns.of(tmp_path)
    kept = [runs.keep(ANSWERS) for _ in range(3)]
    assert len({each.path for each in kept}) == 3
    shortest = min(kept, key=lambda each: len(each.name))
    assert runs.find(shortest.name) == shortest.path, "a whole name is not ambiguous"


def test_a_name_that_fits_none_or_several_says_so(tmp_path: Path) -> None:
    runs = KeptRuns.of(tmp_path)
    with pytest.raises(CliError, match="no run 'latest'") as caught:
        runs.find("latest")
    assert "ragworks eval runs" in caught.value.hint
    runs.keep(ANSWERS)
    runs.keep(RETRIEVAL)
    with pytest.raises(CliError, match="2 runs begin with '20'"):
        runs.find("20")
