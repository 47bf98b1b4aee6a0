"""What a collection does about the same content under several sources."""

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class Deduplication(Frozen):
    """How a collection treats equal documents."""

    exact: bool = Field(default=True, description="Equal files with the same attributes and readers share one copy.")
    near: float | None = Field(
        default=None,
        ge=0.5,
        le=1,
        description="Leave passages out of results that share this much of their words with a better one; None: none.",
    )
