"""What a run must reach, as `--min` says it."""

from dataclasses import dataclass

from services.frontend.cli.exits import CliError, ExitCode
from services.shared.contracts.evaluation import METRICS


@dataclass(frozen=True)
class Minimum:
    """The least score of a metric."""

    metric: str
    value: float


def parse_minimum(text: str) -> Minimum:
    """`ndcg@10=0.4`

    Raises:
        CliError: it is not of this form.
    """
    metric, _, value = text.lower().partition("=")
    try:
        least = float(value)
    except ValueError:
        least = -1.0
    if not 0 <= least <= 1:
        raise CliError(f"--min {text}: write METRIC=SCORE with a score from 0 to 1.", exit_code=ExitCode.USAGE)
    return Minimum(known_metric(metric), least)


def known_metric(name: str) -> str:
    """The metric of this name.

    Raises:
        CliError: there is none.
    """
    if name.lower() not in METRICS:
        raise CliError(f"There is no metric '{name}'; there are: {', '.join(METRICS)}.", exit_code=ExitCode.USAGE)
    return name.lower()
