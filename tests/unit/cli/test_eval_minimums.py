"""What `ragworks eval retrieval --min` takes."""

import pytest

from services.frontend.cli.evaluation.minimums import Minimum, parse_minimum
from services.frontend.cli.exits import CliError, ExitCode


def test_a_metric_and_its_least_score() -> None:
    assert parse_minimum("nDCG@10=0.4") == Minimum("ndcg@10", 0.4)


@pytest.mark.parametrize("text", ["ndcg@10", "ndcg@10=high", "ndcg@10=1.5", "precision@3=0.5", ""])
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(CliError) as caught:
        parse_minimum(text)
    assert caught.value.exit_code is ExitCode.USAGE
