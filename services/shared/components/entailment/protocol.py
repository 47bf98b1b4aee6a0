"""What an entailment model does."""

from typing import Protocol


class Entailment(Protocol):
    """Says whether a text states a claim."""

    async def probability(self, premise: str, claim: str) -> float:
        """0 to 1: how surely the claim follows from the premise."""
        ...
