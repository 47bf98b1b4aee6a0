"""Why an evaluation cannot be made."""

from services.shared.contracts.evaluation import RefusalReason


class EvaluationError(Exception):
    """There will be no report; `message` says what happened, `hint` what to do."""

    reason: RefusalReason = "input"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DatasetError(EvaluationError):
    """The data cannot be used; the message names file and line."""


class PlatformRefusedError(EvaluationError):
    """The platform does not do what is asked of it."""

    reason: RefusalReason = "refused"


class PlatformUnreachableError(EvaluationError):
    """Nobody answers, or a part that is needed did not come back."""

    reason: RefusalReason = "unreachable"


class NotInstalledError(EvaluationError):
    """A library that evaluation needs is not installed."""

    reason: RefusalReason = "installation"
