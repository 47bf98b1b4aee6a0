"""Rules of the house that neither the linter nor the import contracts can see."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import files_ending, services, syntax_of

CATCH_ALLS = {"utils", "helpers", "common", "misc", "base"}
ENVIRONMENT_READERS = ("services/shared/kit/telemetry.py", "infra/", "tests/")
"""Besides every `settings.py`: the exporter's standard variables, and what is not the platform."""
LONGEST_FILE_LINES = 300
LONGEST_FUNCTION_LINES = 40
DEEPEST_NESTING = 3

_PYTHON = [path for path in files_ending(".py") if path.parts[0] in {"services", "pipelines", "infra"}]
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)  # as Pylint counts nested blocks
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("service", services(), ids=str)
@pytest.mark.parametrize("file", ["README.md", "app.py", "settings.py", "__main__.py"])
def test_every_service_has_the_same_files(service: Path, file: str) -> None:
    assert Path(service, file) in files_ending(".py", ".md")


def test_files_and_folders_say_what_they_hold() -> None:
    vague = [path for path in files_ending(".py") if CATCH_ALLS & {*path.with_suffix("").parts}]

    assert vague == []


def test_only_settings_read_the_environment() -> None:
    readers = {path.as_posix() for path in files_ending(".py") if _reads_environment(syntax_of(path))}

    assert [name for name in sorted(readers) if not _may_read_environment(name)] == []


def test_nothing_imports_infra() -> None:
    importers = [path for path in _PYTHON if path.parts[0] != "infra" and "infra" in _imported_tops(path)]

    assert importers == []


def test_files_stay_readable() -> None:
    long = {str(path): lines for path in _PYTHON if (lines := _end_of(syntax_of(path))) > LONGEST_FILE_LINES}

    assert long == {}


def test_functions_stay_readable() -> None:
    long = {
        f"{path}:{function.lineno} {function.name}": _lines_of(function)
        for path in _PYTHON
        for function in ast.walk(syntax_of(path))
        if isinstance(function, _FUNCTIONS) and _lines_of(function) > LONGEST_FUNCTION_LINES
    }

    assert long == {}


def test_nesting_stays_shallow() -> None:
    deep = {
        f"{path}:{function.lineno} {function.name}": depth
        for path in _PYTHON
        for function in ast.walk(syntax_of(path))
        if isinstance(function, _FUNCTIONS) and (depth := _nesting(function)) > DEEPEST_NESTING
    }

    assert deep == {}


def _may_read_environment(name: str) -> bool:
    return name.endswith("/settings.py") or name.startswith(ENVIRONMENT_READERS)


def _reads_environment(tree: ast.Module) -> bool:
    """Whether it reads variables; setting one for a library (`os.environ["X"] = ...`) is not reading."""
    nodes = list(ast.walk(tree))
    written = {id(node.value) for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)}
    return any(_is_environment(node) and id(node) not in written for node in nodes)


def _is_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and bool({"environ", "getenv"} & {alias.name for alias in node.names})
    return isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}


def _imported_tops(path: Path) -> set[str]:
    nodes = list(ast.walk(syntax_of(path)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_ = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in plain | from_}


def _end_of(tree: ast.Module) -> int:
    return max((node.end_lineno or 0 for node in tree.body), default=0)


def _lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without the docstring: what a reader has to follow."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _nesting(node: ast.AST) -> int:
    """Branches and loops inside each other, at the deepest place; an `elif` is no deeper than its `if`."""
    return max((_depth_at(child) for child in ast.iter_child_nodes(node)), default=0)


def _depth_at(node: ast.AST) -> int:
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
        return 0
    if isinstance(node, ast.If):
        is_elif = len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)
        inside = max((_depth_at(child) for child in node.body), default=0)
        other = (
            _depth_at(node.orelse[0]) - 1 if is_elif else max((_depth_at(child) for child in node.orelse), default=0)
        )
        return 1 + max(inside, other)
    return _nesting(node) + isinstance(node, _BRANCHES)
