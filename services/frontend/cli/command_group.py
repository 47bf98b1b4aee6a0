"""How every subcommand ends: our errors as sentences with an exit code, Ctrl-C without a trace."""

from typing import Any

import click
from typer.core import TyperGroup

from services.frontend.cli.exits import CliError, ExitCode


class CommandGroup(TyperGroup):
    """A group of commands whose failures are told, not thrown."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except CliError as error:
            from services.frontend.cli.terminal import show_error

            show_error(error)
            ctx.exit(int(error.exit_code))
        except KeyboardInterrupt:
            click.echo(err=True)
            ctx.exit(int(ExitCode.INTERRUPTED))


def epilog(title: str, *lines: str) -> str:
    """Text below the options, line by line."""
    return "\n\n".join([title, *(f"  {line}" for line in lines)])
