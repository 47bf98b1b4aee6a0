"""Scans and pictures: how pictures become pages, and what is read when Tesseract's language data is installed."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from liteparse.parser import LiteParse
from PIL import Image

from services.shared.components.parsers import picture
from services.shared.components.parsers.detect import detect_media_type
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.isolation import ParserPool
from services.shared.components.parsers.limits import ParseLimits
from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.ocr import Ocr, find_ocr
from services.shared.components.parsers.parse import parse_document
from services.shared.components.parsers.picture import picture_pages
from tests.unit.components.parsers.documents import SAMPLES

SIZE = (64, 64)
WHITE, GREY, RED, BLACK = (255, 255, 255), (128, 128, 128), (255, 0, 0), (0, 0, 0)
PNG = Image.new("L", SIZE, 128)
LOSSY = 4
"""How far a colour may be from what it was."""

_NAMED = os.environ.get("RAGWORKS_TEST_TESSDATA")
OCR = find_ocr(folder=Path(_NAMED) if _NAMED else None)


def saved(image: Image.Image, kind: str = "PNG", *, more: Sequence[Image.Image] = (), **options: object) -> bytes:
    """The bytes of a picture's file."""
    file = io.BytesIO()
    paged = {"save_all": True, "append_images": list(more)} if more else {}
    image.save(file, kind, **paged, **options)
    return file.getvalue()


def drawn(content: bytes) -> Image.Image:
    """What a reader of PDF shows for the only page of the picture."""
    (page,) = picture_pages(content)
    parser = LiteParse(ocr_enabled=False, quiet=True, extract_screenshots=True)
    (shot,) = parser.parse(page).screenshots
    return Image.open(io.BytesIO(shot.image_bytes)).convert("RGB")


def palette(colour: tuple[int, int, int]) -> Image.Image:
    """A picture whose colours are numbers in a list."""
    return Image.new("RGB", SIZE, colour).quantize(4)


def deep_grey() -> Image.Image:
    """Grey with 16 bits a pixel."""
    return Image.new("I;16", SIZE, 128 * 256)


@pytest.mark.parametrize(
    ("content", "colour"),
    [
        (saved(Image.new("L", SIZE, 128)), GREY),
        (saved(Image.new("1", SIZE, 0)), BLACK),
        (saved(palette(RED)), RED),
        (saved(Image.new("RGBA", SIZE, (255, 0, 0, 255))), RED),
        (saved(Image.new("RGBA", SIZE, (0, 0, 0, 0))), WHITE),
        (saved(Image.new("LA", SIZE, (0, 0))), WHITE),
        (saved(Image.new("RGBA", SIZE, (0, 0, 0, 127))), GREY),
        (saved(deep_grey()), GREY),
        (saved(Image.new("RGB", SIZE, RED), "JPEG"), RED),
        (saved(Image.new("CMYK", SIZE, (0, 255, 255, 0)), "JPEG"), RED),
        (saved(Image.new("1", SIZE, 0), "TIFF", compression="group4"), BLACK),
        (saved(Image.new("RGB", SIZE, RED), "TIFF", compression="tiff_lzw"), RED),
        (saved(Image.new("RGB", SIZE, RED), "WEBP"), RED),
        (saved(palette(RED), "GIF"), RED),
        (saved(Image.new("RGB", SIZE, RED), "BMP"), RED),
    ],
    ids=[
        "grey", "black and white", "palette", "opaque", "see-through", "see-through grey", "half see-through",
        "16 bits", "JPEG", "CMYK", "fax", "LZW", "WebP", "GIF", "BMP",
    ],
)  # fmt: skip
def test_a_picture_is_put_on_a_page_as_it_looks_on_white_paper(content: bytes, colour: tuple[int, int, int]) -> None:
    shown = drawn(content).getpixel((20, 20))

    assert isinstance(shown, tuple)
    assert max(abs(is_there - due) for is_there, due in zip(shown, colour, strict=True)) <= LOSSY


def test_a_picture_taken_with_the_camera_on_its_side_is_turned_upright() -> None:
    half = Image.new("RGB", (64, 128), WHITE)
    half.paste(BLACK, (0, 64, 64, 128))  # the lower half
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees, clockwise, to see it

    page = drawn(saved(half, "JPEG", exif=exif))

    assert page.width > page.height
    assert page.getpixel((page.width // 4, page.height // 2))[0] < LOSSY  # type: ignore[index]


def test_every_page_of_a_tiff_is_a_page_and_an_animation_has_one() -> None:
    pages = [Image.new("1", SIZE, 1), Image.new("RGB", SIZE, RED)]

    assert len(list(picture_pages(saved(PNG, "TIFF", more=pages)))) == 3
    assert len(list(picture_pages(saved(palette(RED), "GIF", more=[palette(BLACK)])))) == 1


@pytest.mark.parametrize(
    "content",
    [
        saved(PNG)[:-40],
        saved(PNG, "JPEG")[:200],
        saved(PNG, "TIFF", compression="tiff_lzw")[:60],
        saved(PNG, "WEBP")[:40],
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        b"II*\x00" + b"\xff" * 40,
    ],
    ids=["cut PNG", "cut JPEG", "cut TIFF", "cut WebP", "no JPEG", "no TIFF"],
)
def test_a_picture_that_cannot_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(ParseFailure) as failure:
        list(picture_pages(content))
    assert failure.value.code == "damaged"


def test_a_picture_too_large_for_memory_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParseFailure, match="more than 100,000,000 pixels"):
        list(picture_pages(saved(Image.new("1", (20_000, 10_000)), "PNG")))
    monkeypatch.setattr(picture, "_MOST_PIXELS", 64 * 64 - 1)
    with pytest.raises(ParseFailure) as failure:
        list(picture_pages(saved(Image.new("1", (8, 8)), "TIFF", more=[PNG])))
    assert failure.value.code == "picture_too_large"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (saved(PNG), MediaType.PNG),
        (saved(PNG, "JPEG"), MediaType.JPEG),
        (saved(PNG, "TIFF"), MediaType.TIFF),
        (b"MM\x00*" + b"\0" * 20, MediaType.TIFF),
        (saved(PNG, "WEBP"), MediaType.WEBP),
        (saved(PNG, "GIF"), MediaType.GIF),
        (saved(PNG, "BMP"), MediaType.BMP),
        (b"BMW builds cars.", MediaType.PLAIN_TEXT),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(content: bytes, media_type: MediaType) -> None:
    assert detect_media_type(content, "anything.txt") is media_type


def test_without_ocr_a_picture_is_refused_with_what_to_install() -> None:
    with pytest.raises(ParseFailure, match="Turn OCR on where documents are ingested") as failure:
        parse_document(saved(PNG), filename="a.png")
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


def screenshot() -> Image.Image:
    """The first page of a handbook as a scanner would see it."""
    (shot,) = LiteParse(quiet=True).screenshot(SAMPLES / "aurora-handbook.pdf", page_numbers=[1])
    return Image.open(io.BytesIO(shot.image_bytes)).convert("RGB")


@pytest.mark.parametrize("kind", ["picture", "interlaced", "scan"])
async def test_a_picture_of_a_page_is_read(kind: str) -> None:
    picture = screenshot()
    content = next(picture_pages(saved(picture))) if kind == "scan" else saved(picture, interlace=kind == "interlaced")
    document = await _read(kind, content)
    assert document.title == "Aurora Field Station Handbook"
    assert "412 metres above sea level" in document.text
    assert {block.page for block in document.blocks} == {1}


async def test_a_fax_of_two_pages_is_read_page_by_page() -> None:
    page = screenshot().convert("1", dither=Image.Dither.NONE)
    content = saved(Image.new("1", page.size, 1), "TIFF", more=[page], compression="group4")

    document = await _read("fax.tif", content)

    assert document.media_type == MediaType.TIFF
    assert "412 metres above sea level" in document.text
    assert {block.page for block in document.blocks} == {2}
    assert [page.number for page in document.pages] == [1, 2]
