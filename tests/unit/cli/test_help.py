"""Every command, argument and option explains itself in `--help`."""

from collections.abc import Iterator

import click
import pytest
import typer.main

from services.frontend.cli.app import app


def _commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _commands(below, (*path, name))


_COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", _COMMANDS)
def test_a_command_and_all_it_takes_are_explained(name: str) -> None:
    command = _COMMANDS[name]
    unexplained = [parameter.name for parameter in command.params if not getattr(parameter, "help", None)]
    assert not unexplained
    assert command.help
    group = _COMMANDS[name.rpartition(" ")[0]]
    assert command.epilog or group.epilog or command is group, "no examples, neither here nor at the group"
