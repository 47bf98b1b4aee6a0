"""Small documents made by hand: no library of ours writes PDF or DOCX."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SAMPLES = Path(__file__).parents[4] / "docs/samples"
DATA = Path(__file__).parent / "data"

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
    'ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" Type="{_OFFICE}" '
    'Target="word/document.xml"/></Relationships>',
}


def docx(*paragraphs: str) -> bytes:
    """A Word document with these paragraphs."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    return docx_of_xml(f"<w:document {_W}><w:body>{body}</w:body></w:document>")


def docx_of_xml(document_xml: str) -> bytes:
    """A Word document whose main part is this XML."""
    return zipped({**_PARTS, "word/document.xml": document_xml})


def docx_of_body(body: str, **parts: str) -> bytes:
    """A Word document with this XML in its body, and other parts by their names, such as the content of `styles`."""
    others = {f"word/{name}.xml": f"<w:{name} {_W}>{content}</w:{name}>" for name, content in parts.items()}
    return zipped({**_PARTS, **others, "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>"})


def zipped(parts: Mapping[str, str]) -> bytes:
    """A ZIP archive of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def pdf(*pages: Sequence[str]) -> bytes:
    """A PDF with these lines on its pages; a page without lines holds nothing, like a scan without its picture."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, lines in enumerate(pages):
        drawn = "".join(f"BT /F1 11 Tf 72 {740 - 40 * row} Td ({line}) Tj ET\n" for row, line in enumerate(lines))
        resources = "/Resources<</Font<</F1 3 0 R>>>>"
        contents = f"/Contents {5 + 2 * number} 0 R"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{resources}{contents}>>")
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}endstream")
    return _pdf_file(objects)


def _pdf_file(objects: Sequence[str]) -> bytes:
    body = "%PDF-1.4\n"
    offsets: list[int] = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")
