"""Processes are killed at random moments while documents are added, changed, deleted, synced and rebuilt.

Whatever died when, the store ends as the truth: no document lost, doubled, stuck or orphaned. `make chaos` runs the
same with hundreds of kills.
"""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.chaos.report import as_json
from tests.chaos.run import Plan, run
from tests.integration.ingest.stack import Stack, new_stack

_PLAN = Plan(kills=6, seed=20261122, kills_a_round=6, documents=60)


@pytest.fixture
def chaos_stack(tmp_path: Path) -> Generator[Stack]:
    """A stack of its own: a comparison with the truth is one of everything in it."""
    stack = new_stack(tmp_path / "home")
    stack.env |= {"RAGWORKS_SOURCES_FOLDERS": str(tmp_path), "RAGWORKS_HASHING_SECONDS_PER_TEXT": "0.002"}
    try:
        stack.start(*stack.modules)
        yield stack
    finally:
        stack.stop()


@pytest.mark.timeout(600)
def test_random_kills_lose_double_hide_and_orphan_nothing(chaos_stack: Stack, tmp_path: Path) -> None:
    outcome = run(chaos_stack, _PLAN, tmp_path / "folder", tell=lambda _: None)

    assert len(outcome.kills) >= _PLAN.kills
    assert outcome.clean, as_json(outcome)
