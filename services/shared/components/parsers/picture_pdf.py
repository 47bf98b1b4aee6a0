"""Puts a PNG or JPEG picture on the page of a PDF, as it is: what reads scanned pages then reads pictures too.

Nothing is decoded here: PDF readers know JPEG, and the compressed rows of PNG.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from services.shared.components.parsers.failure import ParseFailure, ParseStage

_PNG = b"\x89PNG\r\n\x1a\n"
_POINTS_PER_PIXEL = 72 / 150  # as finely as pages are rendered for OCR
_SMALL_PIXELS = 1500  # letters on smaller pictures are too small for OCR; the page is twice as large
_SIDE_POINTS = 14_400  # the largest page that PDF knows
_COLOURS = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
# Functions that lay a colour with its opacity on white paper: grey, and red, green and blue.
_GREY_ON_WHITE = "{dup 3 1 roll mul exch 1 exch sub add}"
_COLOUR_ON_WHITE = (
    "{3 index 1 index mul 1 2 index sub add 3 index 2 index mul 1 3 index sub add "
    "3 index 3 index mul 1 4 index sub add 7 3 roll pop pop pop pop}"
)


@dataclass(frozen=True, slots=True)
class _Picture:
    width: int
    height: int
    settings: str
    """The image's entries beyond its size, in PDF."""
    content: bytes
    function: str = ""
    """A PostScript function that its colours refer to as object 6."""


def picture_page(content: bytes) -> bytes:
    """A PDF whose only page is the picture.

    Raises:
        ParseFailure: it is damaged, or an interlaced PNG.
    """
    try:
        picture = _png(content) if content.startswith(_PNG) else _jpeg(content)
    except (struct.error, IndexError, KeyError, StopIteration) as error:
        raise _damaged() from error
    if not picture.width or not picture.height:
        raise _damaged()
    scale = _POINTS_PER_PIXEL * (2 if max(picture.width, picture.height) < _SMALL_PIXELS else 1)
    scale = min(scale, _SIDE_POINTS / max(picture.width, picture.height))
    width, height = picture.width * scale, picture.height * scale
    drawn = f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /P Do Q"
    image = f"/Type/XObject/Subtype/Image/Width {picture.width}/Height {picture.height}{picture.settings}"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.2f} {height:.2f}]"
        f"/Resources<</XObject<</P 4 0 R>>>>/Contents 5 0 R>>".encode(),
        _stream(image, picture.content),
        _stream("", drawn.encode()),
        _stream("/FunctionType 4" + _domains(picture.function), picture.function.encode()),
    ]
    return _pdf(objects)


def _png(content: bytes) -> _Picture:
    parts: dict[bytes, bytes] = {}
    for name, data in _png_chunks(content):
        parts[name] = parts.get(name, b"") + data
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if interlaced:
        message = "The picture is an interlaced PNG, which cannot be read. Save it without interlacing, or as JPEG."
        raise ParseFailure(ParseStage.PARSE, "unsupported_picture", message)
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    function = {4: _GREY_ON_WHITE, 6: _COLOUR_ON_WHITE}.get(kind, "")
    rows = f"/DecodeParms<</Predictor 15/Colors {samples}/BitsPerComponent {depth}/Columns {width}>>"
    colours = _palette(parts[b"PLTE"]) if kind == 3 else _COLOURS.get(samples if not function else 0, "")
    if function:
        base, names = ("/DeviceGray", "/K/A") if kind == 4 else ("/DeviceRGB", "/R/G/B/A")
        colours = f"[/DeviceN[{names}]{base} 6 0 R]"
    settings = f"/ColorSpace{colours}/BitsPerComponent {depth}/Filter/FlateDecode{rows}"
    return _Picture(width, height, settings, parts[b"IDAT"], function)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(_PNG)
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        name, start = content[position + 4 : position + 8], position + 8
        if start + length + 4 > len(content):
            raise IndexError("the picture ends too early")
        yield name, content[start : start + length]
        if name == b"IEND":
            return
        position = start + length + 4
    raise IndexError("the picture has no end")


def _palette(colours: bytes) -> str:
    return f"[/Indexed/DeviceRGB {len(colours) // 3 - 1}<{colours.hex()}>]"


def _jpeg(content: bytes) -> _Picture:
    """Width, height and number of colours stand in the frame header; all else is for whoever decodes it."""
    position = 2
    while True:
        mark, kind, length = struct.unpack_from(">BBH", content, position)
        if mark != 0xFF:
            raise IndexError("no segment where one should be")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            depth, height, width, samples = struct.unpack_from(">BHHB", content, position + 4)
            inverted = "/Decode[1 0 1 0 1 0 1 0]" if samples == 4 else ""
            settings = f"/ColorSpace{_COLOURS[samples]}/BitsPerComponent {depth}/Filter/DCTDecode{inverted}"
            return _Picture(width, height, settings, content)
        position += 2 + length


def _domains(function: str) -> str:
    """How many numbers from 0 to 1 the function takes and gives."""
    takes, gives = (4, 3) if function == _COLOUR_ON_WHITE else (2, 1)
    return f"/Domain[{'0 1 ' * takes}]/Range[{'0 1 ' * gives}]"


def _stream(entries: str, content: bytes) -> bytes:
    return f"<<{entries}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def _pdf(objects: list[bytes]) -> bytes:
    body = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    body += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(body)


def _damaged() -> ParseFailure:
    message = "The picture is damaged or incomplete. Save it again in its own program, and upload the new copy."
    return ParseFailure(ParseStage.PARSE, "damaged", message)
