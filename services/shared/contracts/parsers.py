"""Parsers that a collection may choose instead of the platform's own."""

from pydantic import Field

from services.shared.contracts.frozen import Frozen


class SelectableParser(Frozen):
    """A parser."""

    name: str
    media_types: list[str] = Field(description="What it may be chosen for.")
