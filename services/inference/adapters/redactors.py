"""Redactors of packages installed beside Ragworks: functions from text to text, by entry point."""

from importlib.metadata import entry_points
from typing import cast

from services.inference.domain.redaction import Redactor

ENTRY_POINTS = "ragworks.redactors"


class UnknownRedactorError(ValueError):
    """The setting names a redactor that is not installed."""


def redactor_named(name: str) -> Redactor | None:
    """The redactor of this name; None for no name.

    Raises:
        UnknownRedactorError: there is none; the message lists those that are.
    """
    if not name:
        return None
    found = {each.name: each for each in entry_points(group=ENTRY_POINTS)}
    if name not in found:
        listed = ", ".join(sorted(found)) or "none"
        raise UnknownRedactorError(
            f"RAGWORKS_INFERENCE_LOG_REDACTOR: no package has a redactor '{name}'; installed: {listed}."
        )
    return cast("Redactor", found[name].load())
