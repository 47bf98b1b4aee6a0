"""How the command ends: exit codes, and the one error whose words the user sees."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script can rely on."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_UP = 3
    PARTLY = 4
    INTERRUPTED = 130


class CliError(Exception):
    """The command cannot go on; `message` says what happened, `hint` what to do."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "", exit_code: ExitCode | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if exit_code is not None:
            self.exit_code = exit_code


class NotUpError(CliError):
    """Nobody answers at the platform's address."""

    exit_code = ExitCode.NOT_UP


class InterruptedByUserError(CliError):
    """Ctrl-C; `hint` says how to go on."""

    exit_code = ExitCode.INTERRUPTED
