"""Team-draft interleaving: two rankings in one list, each place owed to one of them.

Source: Radlinski, Kurup and Joachims, "How Does Clickthrough Data Reflect Retrieval Quality?", CIKM 2008.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from services.shared.contracts.search import Arm, Passage, TrialPlace


def team_draft(trial: str, rankings: Mapping[Arm, Sequence[Passage]], *, limit: int, draw: Random) -> list[Passage]:
    """The rankings' passages, each once, each with the arm that brought it.

    In every round both arms take their best passage that is not taken yet, in an order drawn by lot: neither is
    favoured, and the arm that ranks better what is used afterwards gets the credit for it more often.
    """
    waiting = {arm: iter(ranking) for arm, ranking in rankings.items()}
    taken: dict[str, Passage] = {}
    while waiting and len(taken) < limit:
        arms = list(waiting)
        draw.shuffle(arms)
        for arm in arms:
            best = _next(waiting[arm], taken)
            if best is None:
                del waiting[arm]
            elif len(taken) < limit:
                scores = best.scores.model_copy(update={"trial": TrialPlace(name=trial, arm=arm)})
                taken[best.id] = best.model_copy(update={"scores": scores})
    return list(taken.values())


def overlap(one: Sequence[Passage], other: Sequence[Passage]) -> float:
    """The share of the passages of the longer ranking that both have; 1 for two empty ones."""
    longest = max(len(one), len(other))
    return len({each.id for each in one} & {each.id for each in other}) / longest if longest else 1.0


def _next(ranking: Iterator[Passage], taken: Mapping[str, Passage]) -> Passage | None:
    return next((each for each in ranking if each.id not in taken), None)
