"""Scans and pictures: how pictures become pages, and what is read when Tesseract's language data is installed."""

import os
import struct
import zlib
from pathlib import Path

import pytest
from liteparse.parser import LiteParse

from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.isolation import ParserPool
from services.shared.components.parsers.limits import ParseLimits
from services.shared.components.parsers.ocr import Ocr, find_ocr
from services.shared.components.parsers.parse import parse_document
from services.shared.components.parsers.picture_pdf import picture_page
from tests.unit.components.parsers.documents import SAMPLES

GREY, COLOUR, PALETTE, GREY_AND_OPACITY, COLOUR_AND_OPACITY = 0, 2, 3, 4, 6
SIDE = 8
# A grey square of 8 pixels: every coefficient is zero. Tables, frame and scan are the least that a JPEG needs.
GREY_JPEG = bytes.fromhex(
    f"ffd8ffdb004300{'01' * 64}ffc0000b080008000801011100"
    f"ffc4001400{'01' + '00' * 15}00ffc4001410{'01' + '00' * 15}00ffda0008010100003f003fffd9"
)

_NAMED = os.environ.get("RAGWORKS_TEST_TESSDATA")
OCR = find_ocr(folder=Path(_NAMED) if _NAMED else None)
needs_ocr = pytest.mark.skipif(OCR is None, reason="Tesseract's language data is not installed")


def png(pixel: bytes, kind: int, *, side: int = SIDE, interlaced: int = 0, palette: bytes = b"") -> bytes:
    """A square PNG with one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, kind, 0, 0, interlaced)
    rows = zlib.compress((b"\0" + pixel * side) * side)
    colours = chunk(b"PLTE", palette) if palette else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + colours + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def rendered(picture: bytes) -> bytes:
    """What a reader of PDF shows for the picture."""
    parser = LiteParse(ocr_enabled=False, quiet=True, extract_screenshots=True)
    (shot,) = parser.parse(picture_page(picture)).screenshots
    return shot.image_bytes


@pytest.mark.parametrize(
    ("picture", "same_as"),
    [
        (png(b"\x80", GREY), png(b"\x80\x80\x80", COLOUR)),
        (png(b"\x01", PALETTE, palette=b"\0\0\0\xff\0\0"), png(b"\xff\0\0", COLOUR)),
        (png(b"\xff\0\0\xff", COLOUR_AND_OPACITY), png(b"\xff\0\0", COLOUR)),
        (png(b"\0\0\0\0", COLOUR_AND_OPACITY), png(b"\xff\xff\xff", COLOUR)),
        (png(b"\0\0", GREY_AND_OPACITY), png(b"\xff", GREY)),
        (png(b"\0\xff", GREY_AND_OPACITY), png(b"\0", GREY)),
        (GREY_JPEG, png(b"\x80", GREY)),
    ],
    ids=["grey", "palette", "opaque", "see-through", "see-through grey", "opaque grey", "JPEG"],
)
def test_a_picture_is_put_on_a_page_as_it_looks_on_white_paper(picture: bytes, same_as: bytes) -> None:
    assert rendered(picture) == rendered(same_as) != rendered(png(b"\0\0\xff", COLOUR))


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (png(b"\0", GREY)[:-20], "damaged"),
        (png(b"\0", GREY, side=0), "damaged"),
        (png(b"\0", GREY, interlaced=1), "unsupported_picture"),
        (GREY_JPEG[:30], "damaged"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 40, "damaged"),
    ],
    ids=["cut", "empty", "interlaced", "cut JPEG", "no JPEG"],
)
def test_a_picture_that_cannot_be_read_is_refused(picture: bytes, code: str) -> None:
    with pytest.raises(ParseFailure) as failure:
        picture_page(picture)
    assert failure.value.code == code


def test_without_ocr_a_picture_is_refused_with_what_to_install() -> None:
    with pytest.raises(ParseFailure, match="apt install tesseract-ocr") as failure:
        parse_document(png(b"\0", GREY), filename="a.png")
    assert failure.value.code == "ocr_needed"


def test_the_languages_that_are_installed_are_found(tmp_path: Path) -> None:
    for name in ("deu", "eng", "osd"):
        (tmp_path / f"{name}.traineddata").touch()
    assert find_ocr(folder=tmp_path) == Ocr(str(tmp_path), "eng")
    assert find_ocr("eng+deu", folder=tmp_path) == Ocr(str(tmp_path), "eng+deu")
    with pytest.raises(ValueError, match="no fra for OCR; it has deu, eng"):
        find_ocr("eng+fra", folder=tmp_path)
    with pytest.raises(ValueError, match="no language data"):
        find_ocr(folder=tmp_path / "nowhere")


async def _read(name: str, content: bytes) -> ParsedDocument:
    async with ParserPool(ParseLimits.with_ocr(), size=1, ocr=OCR) as pool:
        return await pool.parse(content, filename=name)


@needs_ocr
@pytest.mark.parametrize("kind", ["picture", "scan"])
async def test_a_picture_of_a_page_is_read(kind: str) -> None:
    picture = LiteParse(quiet=True).screenshot(SAMPLES / "aurora-handbook.pdf", page_numbers=[1])[0].image_bytes
    content = picture if kind == "picture" else picture_page(picture)
    document = await _read(kind, content)
    assert document.title == "Aurora Field Station Handbook"
    assert "412 metres above sea level" in document.text
    assert {block.page for block in document.blocks} == {1}
