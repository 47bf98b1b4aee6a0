"""Runs that were kept: every report of an evaluation, under the platform's home."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.frontend.cli.exits import CliError, ExitCode

LATEST = "latest"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SUFFIX = ".json"
_LISTED = 12


@dataclass(frozen=True)
class KeptRun:
    """A report and its name."""

    name: str
    path: Path


@dataclass(frozen=True)
class KeptRuns:
    """The folder they lie in."""

    folder: Path

    @classmethod
    def of(cls, home: Path) -> "KeptRuns":
        """Those of a platform."""
        return cls(home / "evaluations")

    def keep(self, content: str) -> KeptRun:
        """Keep a report; it is readable by the platform's user alone, as it quotes documents."""
        report = json.loads(content)
        dataset = report["dataset"]
        about = dataset["name"] if isinstance(dataset, dict) else dataset
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{report['kind']}-{_UNSAFE.sub('-', about)}"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._free(name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
        return KeptRun(path.stem, path)

    def all(self) -> Iterator[KeptRun]:
        """All of them, the newest first."""
        for path in sorted(self.folder.glob(f"*{_SUFFIX}"), reverse=True):
            yield KeptRun(path.stem, path)

    def find(self, named: str) -> Path:
        """A report by its file, the start of its run's name, or `latest`.

        Raises:
            CliError: there is none, or several begin so.
        """
        if Path(named).is_file():
            return Path(named)
        found = [run for run in self.all() if named == LATEST or run.name.startswith(named)]
        if found and (named == LATEST or len(found) == 1 or found[0].name == named):
            return found[0].path
        if found:
            raise CliError(
                f"{len(found)} runs begin with '{named}': {', '.join(run.name for run in found[:_LISTED])}.",
                exit_code=ExitCode.USAGE,
            )
        raise CliError(
            f"There is no file and no run '{named}'.",
            hint="'ragworks eval runs' lists the runs that were kept.",
            exit_code=ExitCode.USAGE,
        )

    def _free(self, name: str) -> Path:
        names = (name if number == 1 else f"{name}-{number}" for number in range(1, 1000))
        return next(path for each in names if not (path := self.folder / f"{each}{_SUFFIX}").exists())
