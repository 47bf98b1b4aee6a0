"""docker-compose.yml as the tests see it: merged, with its variables at their defaults."""

import re
from functools import cache
from typing import Any

import yaml

from tests.architecture.tree import REPOSITORY

PATH = REPOSITORY / "docker-compose.yml"
UPSTREAM = {"vllm": "engine", "qdrant": "vectordb"}
"""Services that run another project's image, and the embedded program each stands for."""

_VARIABLE = re.compile(r"\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")


@cache
def compose() -> dict[str, Any]:
    """The file with YAML merges resolved and `${NAME:-default}` replaced by its default."""
    return _with_defaults(yaml.safe_load(PATH.read_text(encoding="utf-8")))


def services() -> dict[str, dict[str, Any]]:
    """Every service of the file by name."""
    return compose()["services"]


def own_services() -> dict[str, dict[str, Any]]:
    """The services built from this repository that keep running."""
    return {name: service for name, service in services().items() if name not in UPSTREAM and "build" in service}


def variables() -> set[str]:
    """Every RAGWORKS_ variable the file names: set for a container or taken from the environment."""
    text = PATH.read_text(encoding="utf-8")
    without_comments = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    return set(re.findall(r"RAGWORKS_[A-Z0-9_]+", without_comments))


def _with_defaults(node: Any) -> Any:
    """As Compose does, in the values of the parsed file: an empty default is an empty text, not nothing."""
    if isinstance(node, dict):
        return {key: _with_defaults(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_defaults(value) for value in node]
    if isinstance(node, str):
        return _VARIABLE.sub(lambda match: match["default"], node)
    return node
