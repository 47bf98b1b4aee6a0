"""The repository as text: its files, its Python modules as syntax trees, its services."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_SERVICES = {"shared", "frontend"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed, relative to the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return tuple(path for path in map(Path, listed.splitlines()) if (REPOSITORY / path).is_file())


def files_ending(*suffixes: str) -> list[Path]:
    """Those with one of the suffixes."""
    return [path for path in files() if path.suffix in suffixes]


def text_of(path: Path) -> str:
    """A text file of the repository."""
    return (REPOSITORY / path).read_text(encoding="utf-8")


@cache
def syntax_of(path: Path) -> ast.Module:
    """A Python file as a syntax tree."""
    return ast.parse(text_of(path), filename=str(path))


def services() -> list[Path]:
    """The folders of the services that are deployed, relative to the repository."""
    folders = (REPOSITORY / "services").iterdir()
    names = sorted(path.name for path in folders if (path / "__init__.py").is_file())
    return [Path("services", name) for name in names if name not in NOT_SERVICES]


def outside_imports(path: Path) -> Iterator[str]:
    """Top-level names of the packages a Python file imports that are neither ours nor the standard library's."""
    for node in ast.walk(syntax_of(path)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        tops = {name.split(".")[0] for name in names}
        yield from tops - set(sys.stdlib_module_names) - {"services", "pipelines", "tests", "infra"}
