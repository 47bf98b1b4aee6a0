"""What Node.js builds: the web pages, and for tests a browser. Neither keeps the platform from starting."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from commands import Runner
from console import PrepareError, Step
from node import NODE_REQUIREMENT, Node, find_node, node_folder, packaged_node

_STAMP = "ragworks-built.txt"
_MADE = frozenset({"node_modules", "dist", "dist.new", "schema.gen.ts"})
_INSTALL = ("ci", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=60000")


@dataclass(frozen=True)
class NodeProject:
    """A folder with a lock file and a script that makes `output` from it."""

    part: str
    title: str
    without: str
    """What is the case when it cannot be built."""
    folder: Path
    script: str

    @property
    def output(self) -> Path:
        return self.folder / "dist"

    @property
    def fits(self) -> bool:
        """Whether what was built is of these sources."""
        stamp = self.output / _STAMP
        return stamp.is_file() and stamp.read_text(encoding="utf-8") == self._digest()

    def stamp(self, folder: Path) -> None:
        """Note in the built folder what it was built from."""
        (folder / _STAMP).write_text(self._digest(), encoding="utf-8")

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and _MADE.isdisjoint(path.relative_to(self.folder).parts):
                digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


def web_pages(root: Path) -> NodeProject:
    """The pages that the gateway serves."""
    without = "The platform starts without its web pages."
    return NodeProject("web", "web pages", without, root / "services" / "frontend" / "web", "build")


def browser_for_tests(root: Path) -> NodeProject:
    """Chromium, for the tests of the pages."""
    without = "The tests of the web pages will be skipped."
    return NodeProject("browser", "browser for tests", without, root / "tests" / "e2e" / "web" / "browser", "unpack")


def build(project: NodeProject, root: Path, uv: Path, runner: Runner, step: Step) -> str | None:
    """Build it beside what was built before, then take its place; None, or why that failed."""
    if project.fits:
        step.ends_as("ready")
        return None
    try:
        _build(project, find_node(root) or _fetch_node(root, uv, runner, step), runner, step)
    except PrepareError as error:
        step.ends_as("could not be built")
        return f"{project.without} Why: {error}\n{error.advice}"
    return None


def _build(project: NodeProject, node: Node, runner: Runner, step: Step) -> None:
    npm = [*node.npm, "--prefix", str(project.folder)]
    made = project.folder / "dist.new"
    shutil.rmtree(made, ignore_errors=True)
    step.says("fetching packages")
    runner.run(step, [*npm, *_INSTALL], extra=node.environment)
    step.says("building")
    runner.run(step, [*npm, "run", project.script], extra={**node.environment, "RAGWORKS_OUT": str(made)})
    project.stamp(made)
    shutil.rmtree(project.output, ignore_errors=True)
    made.rename(project.output)


def _fetch_node(root: Path, uv: Path, runner: Runner, step: Step) -> Node:
    step.says("downloading Node.js (50 MB)")
    target = node_folder(root)
    runner.run(step, [str(uv), "pip", "install", "--target", str(target), NODE_REQUIREMENT])
    return packaged_node(target)
