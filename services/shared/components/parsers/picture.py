"""Pictures of text: decoded by Pillow, put on white pages, and read by OCR where there is any."""

import io
from collections.abc import Iterator
from pathlib import PurePath

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.ocr import no_ocr
from services.shared.components.parsers.pdf import liteparse_pages, pages_document
from services.shared.components.parsers.pdf_engine import PageLayout
from services.shared.components.parsers.protocol import Source

_READ = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP")
_PAGED = "TIFF"
"""The only format whose frames are pages; those of others are an animation."""
_BLACK_AND_WHITE = "1"
"""Pillow's mode of one bit a pixel, which is kept as it is; others become JPEG."""
_MOST_PIXELS = 100_000_000
_DOTS_PER_INCH = 150  # as finely as pages are rendered for OCR
_SMALL_PIXELS = 1500  # letters on smaller pictures are too small for OCR: the page is twice as large
_MOST_INCHES = 200  # the largest page that PDF knows
_JPEG_QUALITY = 95
_DAMAGED = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError)
"""What Pillow raises for files that are not what they say."""


class PictureParser:
    """PNG, JPEG, TIFF with all its pages, WebP, GIF, BMP. A picture without text holds nothing to search for."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the largest line, else the file's name."""
        if source.ocr is None:
            raise no_ocr("This is a picture, whose text only OCR can read.")
        pages: list[PageLayout] = []
        warnings: list[str] = []
        for number, page in enumerate(picture_pages(source.content), 1):
            found, unread = liteparse_pages(page, ocr=source.ocr, first_number=number)
            pages += found
            warnings += unread
        return pages_document(source, pages, warnings, otherwise=PurePath(source.filename).stem)


def picture_pages(content: bytes) -> Iterator[bytes]:
    """Each page of a picture as a PDF, upright and on white paper.

    Raises:
        ParseFailure: it is damaged, or larger than 100 million pixels.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_READ) as picture:
            for frame in _frames(picture):
                yield _page(_decoded(frame))
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except _DAMAGED as error:
        raise _damaged() from error


def _frames(picture: Image.Image) -> Iterator[Image.Image]:
    return iter(ImageSequence.Iterator(picture)) if picture.format == _PAGED else iter((picture,))


def _decoded(frame: Image.Image) -> Image.Image:
    """Upright, in a mode that a page can hold."""
    if frame.width * frame.height > _MOST_PIXELS:
        raise _too_large()
    return _on_white(ImageOps.exif_transpose(frame))


def _page(shown: Image.Image) -> bytes:
    longest = max(shown.size)
    dots = _DOTS_PER_INCH / 2 if longest < _SMALL_PIXELS else _DOTS_PER_INCH
    packing = {} if shown.mode == _BLACK_AND_WHITE else {"quality": _JPEG_QUALITY}
    page = io.BytesIO()
    shown.save(page, "PDF", resolution=max(dots, longest / _MOST_INCHES), **packing)
    return page.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """In a mode that a page can hold: black and white, grey or colours, nothing see-through."""
    if picture.has_transparency_data:
        coloured = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(coloured, mask=coloured)
        return paper
    if picture.mode.startswith("I;16"):
        return picture.point(lambda level: level / 256).convert("L")
    return picture if picture.mode in (_BLACK_AND_WHITE, "L", "RGB") else picture.convert("RGB")


def _damaged() -> ParseFailure:
    message = "The picture is damaged or incomplete. Save it again in its own program, and upload the new copy."
    return ParseFailure(ParseStage.PARSE, "damaged", message)


def _too_large() -> ParseFailure:
    message = (
        f"The picture has more than {_MOST_PIXELS:,} pixels, which takes too much memory. Save it smaller (150 to 300 "
        "dots per inch are enough to read text), and upload the new copy."
    )
    return ParseFailure(ParseStage.PARSE, "picture_too_large", message)
