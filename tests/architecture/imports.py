"""What a module needs: our modules it reaches, and the installed distributions behind the outside ones."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import REPOSITORY, outside_imports, syntax_of

_OURS = ("services", "pipelines")


def reached_from(folder: Path) -> set[Path]:
    """The Python files of a folder and every file of ours that they import, directly or not."""
    reached: set[Path] = set()
    waiting = [path.relative_to(REPOSITORY) for path in (REPOSITORY / folder).rglob("*.py")]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += _imported_files(path)
    return reached


def needed_packages(files: Iterable[Path]) -> dict[str, Path]:
    """Top-level names of outside packages, each with one file that imports it."""
    return {name: path for path in sorted(files) for name in outside_imports(path)}


@cache
def installed_by(requirements: tuple[str, ...]) -> frozenset[str]:
    """The distributions that installing the requirements brings, as far as they are installed here."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), extra)
            if key not in found:
                found.add(key)
                waiting += _requirements_of(*key)
    return frozenset(name for name, _ in found)


def _requirements_of(name: str, extra: str) -> Iterator[Requirement]:
    try:
        texts = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def _imported_files(path: Path) -> Iterator[Path]:
    for name in _imported_names(path):
        parts = name.split(".")
        if parts[0] in _OURS:
            yield from _files_of(parts)


def _imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files_of(parts: list[str]) -> Iterator[Path]:
    """The module's file and the `__init__.py` of every package above it."""
    for length in range(1, len(parts) + 1):
        folder = Path(*parts[:length])
        for candidate in (folder / "__init__.py", folder.with_suffix(".py")):
            if (REPOSITORY / candidate).is_file():
                yield candidate
