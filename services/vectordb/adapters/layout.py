"""Where things lie under the data folder."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True)
class Layout:
    """Paths under the data folder."""

    root: Path

    @property
    def catalogue(self) -> Path:
        return self.root / "catalogue.json"

    @property
    def shards(self) -> Path:
        return self.root / "shards"

    @property
    def scratch(self) -> Path:
        """Whatever may be thrown away at the next start."""
        return self.root / "scratch"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    def shard(self, name: str) -> Path:
        return self.shards / name

    def new_shard(self) -> Path:
        return self.shards / uuid4().hex

    def new_scratch(self, suffix: str = "") -> Path:
        return self.scratch / f"{uuid4().hex}{suffix}"

    def prepare(self) -> None:
        for folder in (self.root, self.shards, self.scratch, self.snapshots):
            folder.mkdir(parents=True, exist_ok=True)
