"""How much a document may cost before its parse is stopped."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Limits of one parse; the defaults let a 5,000-page PDF through on a slow machine.

    `address_space_bytes` counts reserved memory: liteparse's PDF engine reserves 1 GiB that it never touches, so less
    than 1.5 GiB makes honest PDFs fail. `documents_per_worker` replaces a worker after that many documents, so that
    what a native library leaks cannot add up.
    """

    wall_time: timedelta = timedelta(seconds=180)
    cpu_time: timedelta = timedelta(seconds=60)
    address_space_bytes: int = 3 * 1024 * _MIB
    input_bytes: int = 100 * _MIB
    output_bytes: int = 64 * _MIB
    documents_per_worker: int = 500

    @classmethod
    def with_ocr(cls) -> Self:
        """The same with the time that OCR takes: a few seconds for each page."""
        return cls(wall_time=timedelta(minutes=30), cpu_time=timedelta(minutes=20))
