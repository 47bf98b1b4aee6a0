"""Scores and their differences in tables."""

from rich.table import Table

from services.frontend.cli.terminal import safe, table
from services.shared.contracts.evaluation import METRICS, Difference

SIGNIFICANT_P = 0.05
METRIC_NAMES = {
    "ndcg@10": "nDCG@10", "recall@10": "recall@10", "recall@100": "recall@100", "mrr@10": "MRR@10", "map": "MAP",
}  # fmt: skip
LESS_IS_BETTER = frozenset({"false_abstained", "followed", "seconds"})


def metric_table() -> Table:
    """One row for each configuration."""
    numbers = [METRIC_NAMES[metric] for metric in METRICS]
    columns = ["configuration", numbers[0], "95 %", *numbers[1:], "p50", "p95"]
    return table(*columns, right=columns[1:])


def difference_table(first: str) -> Table:
    """One row for each thing that is compared."""
    columns = [first, "difference", "95 %", "p", "better", "worse", ""]
    return table(*columns, right=columns[1:-1])


def difference_row(shown: Table, name: str, found: Difference, *, less_is_better: bool = False) -> None:
    """A difference, and whether chance may explain it."""
    better, worse = (found.worse, found.better) if less_is_better else (found.better, found.worse)
    shown.add_row(
        f"[bold]{safe(name)}[/]",
        signed(found.value),
        f"[dim]{signed(found.low)} to {signed(found.high)}[/]",
        "< 0.001" if found.p < 0.001 else f"{found.p:.3f}",
        f"{better:,}",
        f"{worse:,}",
        _verdict(found, less_is_better=less_is_better),
    )


def score(value: float) -> str:
    """`0.418`"""
    return f"{value:.3f}"


def signed(value: float) -> str:
    """`+0.012`, with a true minus."""
    return f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")


def _verdict(found: Difference, *, less_is_better: bool) -> str:
    if found.p >= SIGNIFICANT_P:
        return "[dim]may be chance[/]"
    return "[ok]better[/]" if (found.value > 0) is not less_is_better else "[bad]worse[/]"
