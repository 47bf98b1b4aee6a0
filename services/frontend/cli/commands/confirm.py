"""The question before something is deleted."""

import sys

from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.terminal import notices


def confirmed(question: str, *, yes: bool) -> None:
    """Return when the user says yes, or said so before; `question` is markup.

    Raises:
        CliError: they said no, or there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise CliError(
            "Deleting needs a yes.", hint="Add --yes to delete without a question.", exit_code=ExitCode.USAGE
        )
    notices().print(f"{question} This cannot be undone. [dim]\\[y/N][/] ", end="")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CliError("Nothing was deleted.", exit_code=ExitCode.FAILED)
