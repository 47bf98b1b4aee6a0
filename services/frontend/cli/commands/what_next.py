"""The last lines of `ragworks up`: where the platform is and what to try."""

import json
import shlex
import shutil
import sys
from pathlib import Path

from rich.console import Console

from services.frontend.cli.settings import REPOSITORY, CliSettings
from services.frontend.cli.terminal import safe


def print_what_next(settings: CliSettings, console: Console, *, collection: str, question: str) -> None:
    """Address, key file, and commands to copy."""
    command, key = command_name(), _short(settings.api_key_file)
    console.print()
    console.print(f"[bold]Ragworks is up[/]  [accent]{settings.gateway_url}[/]")
    _line(console, "in a browser", f"{settings.gateway_url}  (sign in with the API key)")
    _line(console, "API key", key)
    _line(console, "logs", f"{_short(settings.logs_dir)}  ({command} logs -f)")
    console.print("\n[bold]Try next[/]")
    _line(console, "ask", f"{command} ask {shlex.quote(question)}")
    _line(console, "your files", f"{command} ingest FOLDER --collection mine")
    _line(console, "look", f"{command} status")
    _line(console, "read", "docs/quick-start.md")
    _line(console, "stop", "make down")
    console.print("\n[bold]From any OpenAI client[/]")
    message = json.dumps({"model": f"rag/{collection}", "messages": [{"role": "user", "content": question}]})
    for line in (
        f"curl {settings.gateway_url}/v1/chat/completions -H 'Content-Type: application/json' \\",
        f'  -H "Authorization: Bearer $(cat {shlex.quote(key)})" \\',
        f"  -d {shlex.quote(message)}",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def command_name() -> str:
    """How the user can call this command from here."""
    on_path = shutil.which("ragworks")
    ours = Path(sys.executable).parent / "ragworks"
    if on_path is not None and Path(on_path).resolve() == ours.resolve():
        return "ragworks"
    return _short(ours)


def _line(console: Console, label: str, text: str) -> None:
    console.print(f"  [dim]{label:<12}[/] {safe(text)}", soft_wrap=True)


def _short(path: Path) -> str:
    """The path relative to where the user is, when that is the repository."""
    here = Path.cwd()
    return str(path.relative_to(here)) if here == REPOSITORY and path.is_relative_to(here) else str(path)
