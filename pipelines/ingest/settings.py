"""Settings of the ingest worker."""

import re
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, field_validator, model_validator

from services.shared.components.catalogue.settings import CatalogueSettings
from services.shared.components.parsers.ocr import Ocr, find_ocr

LOCAL_RAY = "local"


class IngestSettings(CatalogueSettings):
    """What the ingest worker reads from the environment."""

    SERVICE: ClassVar[str] = "ingest"

    ingest_worker_id: str = Field(
        default="ingest-1",
        description="Name of this worker: jobs it had begun are taken up again by the worker of the same name.",
    )
    ingest_concurrent_jobs: int = Field(
        default=2, ge=1, description="Jobs at work at once, each in another collection."
    )
    ingest_concurrent_syncs: int = Field(default=4, ge=1, description="Syncs at work at once, each of another source.")
    ingest_parse_processes: int = Field(default=2, ge=1, description="Processes that parse documents.")
    ingest_ocr: bool = Field(default=True, description="Read scans and pictures by OCR.")
    ingest_ocr_languages: str = Field(
        default="",
        description="Languages of scans and pictures by Tesseract's names, as `eng+deu`; empty: English.",
    )
    ingest_tessdata: Path | None = Field(
        default=None, description="Folder of Tesseract's language data; by default the system's, else the packaged one."
    )
    ingest_embed_batch: int = Field(default=64, ge=1, le=1024, description="Chunks embedded in one call.")
    ingest_retry_window_s: float = Field(
        default=600, gt=0, description="Seconds to wait for a service that is down before a job is given up."
    )
    ingest_sweep_interval_s: float = Field(
        default=5, gt=0, description="Seconds between looks for jobs and deletions that were left lying."
    )

    ray_address: str = Field(
        default="",
        description="Ray cluster (`host:port`) whose machines ingest documents; `local` makes one of this machine; "
        "empty: the ingest worker does it itself.",
    )
    ray_workers: int = Field(default=2, ge=1, description="Workers on the Ray cluster, each with a processor.")

    @cached_property
    def ocr(self) -> Ocr | None:
        """What reads scans and pictures; None when nothing does.

        Raises:
            ValueError: a language that was asked for is not installed.
        """
        return find_ocr(self.ingest_ocr_languages, folder=self.ingest_tessdata) if self.ingest_ocr else None

    @model_validator(mode="after")
    def _languages_are_there(self) -> Self:
        _ = self.ocr
        return self

    @model_validator(mode="after")
    def _ray_is_there(self) -> Self:
        if self.ray_address and find_spec("ray") is None:
            raise ValueError("RAGWORKS_RAY_ADDRESS is set and Ray is not installed: pip install 'ragworks[ray]'.")
        return self

    @field_validator("ray_address")
    @classmethod
    def _host_and_port(cls, address: str) -> str:
        if address not in {"", LOCAL_RAY} and not re.fullmatch(r"[^\s/:]+:\d{1,5}", address):
            raise ValueError(f"'{address}' is not the address of a Ray cluster: give host:port, or local.")
        return address

    def tokenizer_of(self, model: str) -> Path:
        """An embedding model's tokenizer: among the prepared models, else in the folder that the model's id names."""
        prepared = self.models_dir / model / "tokenizer.json"
        return prepared if prepared.is_file() else Path(model) / "tokenizer.json"
