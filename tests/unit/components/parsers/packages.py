"""Documents of the formats that are zip archives, made by hand apart from workbooks."""

import io
from collections.abc import Mapping, Sequence

import openpyxl

from tests.unit.components.parsers.documents import zipped

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    f'xmlns:r="{_RELATIONS}"'
)
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table", "style")
)


def pptx(*slides: str, notes: Mapping[int, str] | None = None) -> bytes:
    """A presentation of slides, which are the XML of their shapes, and of notes for some of them (from 1).

    The parts are named against their order, as after moving slides.
    """
    count = len(slides)
    parts: dict[str, str] = {}
    entries = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n in range(1, count + 1))
    parts["ppt/presentation.xml"] = f"<p:presentation {_P}><p:sldIdLst>{entries}</p:sldIdLst></p:presentation>"
    targets = {f"rId{n}": ("slide", f"slides/slide{count + 1 - n}.xml") for n in range(1, count + 1)}
    parts["ppt/_rels/presentation.xml.rels"] = _relations(targets)
    for n, shapes in enumerate(slides, 1):
        name = f"slide{count + 1 - n}.xml"
        parts[f"ppt/slides/{name}"] = _slide("sld", shapes)
        if notes and n in notes:
            parts[f"ppt/slides/_rels/{name}.rels"] = _relations({"rId1": ("notesSlide", f"../notesSlides/{name}")})
            parts[f"ppt/notesSlides/{name}"] = _slide("notes", shape(notes[n], kind="body"))
    return zipped(parts)


def shape(*paragraphs: str, kind: str | None = None) -> str:
    """A text box, or a placeholder of a kind; an empty kind is one for content."""
    role = "" if kind is None else f'<p:ph type="{kind}"/>' if kind else "<p:ph idx='1'/>"
    text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in paragraphs)
    return f"<p:sp><p:nvSpPr><p:nvPr>{role}</p:nvPr></p:nvSpPr><p:txBody>{text}</p:txBody></p:sp>"


def slide_table(*rows: Sequence[str]) -> str:
    """A table as a slide holds it."""
    cells = (
        "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>" for cell in row)
        for row in rows
    )
    grid = "".join(f"<a:tr>{row}</a:tr>" for row in cells)
    return (
        f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{grid}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]], *, hidden: Sequence[str] = ()) -> bytes:
    """A workbook with these sheets and their rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        if title in hidden:
            sheet.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def odt(body: str, *, styles: str = "", manifest: str = "") -> bytes:
    """An OpenDocument text whose body is this XML, with prefixes `text` and `table`."""
    content = (
        f"<office:document-content {_ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": content,
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
        }
    )


def odt_table(*rows: Sequence[str]) -> str:
    """A table as an OpenDocument text holds it."""
    cells = ("".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row) for row in rows)
    return "<table:table>" + "".join(f"<table:table-row>{row}</table:table-row>" for row in cells) + "</table:table>"


def epub(*chapters: str, title: str = "", encryption: str = "") -> bytes:
    """A book of chapters, which are what stands in their bodies; the files are named against their order."""
    names = [f"part{len(chapters) - n} a.xhtml" for n in range(len(chapters))]
    items = "".join(
        f'<item id="c{n}" href="text/{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(names)
    )
    contents = '<item id="toc" href="toc.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    spine = '<itemref idref="toc"/>' + "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfile full-path="OEBPS/book.opf"/></container>',
        "OEBPS/book.opf": f'<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>{title}</dc:title>'
        f"</metadata><manifest>{contents}{items}</manifest><spine>{spine}</spine></package>",
        "OEBPS/toc.xhtml": "<html><body><nav><ol><li>Contents of the book</li></ol></nav></body></html>",
    }
    for name, body in zip(names, chapters, strict=True):
        head = "<head><title/><script/></head>"
        parts[f"OEBPS/text/{name}"] = f"<!DOCTYPE html><html>{head}<body>{body}</body></html>"
    if encryption:
        parts["META-INF/encryption.xml"] = f'<encryption><CipherReference URI="{encryption}"/></encryption>'
    return zipped(parts)


def _slide(kind: str, shapes: str) -> str:
    return f"<p:{kind} {_P}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{kind}>"


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{identity}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for identity, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'
