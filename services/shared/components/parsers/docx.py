"""DOCX: mammoth turns its styles into HTML, which takes the same way as a web page without furniture."""

import io
import re
from pathlib import PurePath
from xml.parsers.expat import ExpatError

import mammoth
from selectolax.lexbor import LexborHTMLParser

from services.shared.components.parsers.archive import check_office_archive, damaged_office_file
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.html import html_to_text
from services.shared.components.parsers.markdown import markdown_document
from services.shared.components.parsers.protocol import Source

_STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Code'] => pre:separator('\\n')
"""
_HEADING_TAG = re.compile(r"<(/?)h([1-5])(?=>)")


class DocxParser:
    """Word documents: headings, lists, tables, footnotes. Pictures are left out; a DOCX has no fixed pages."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the Title paragraph, else the first heading, else the file's name."""
        check_office_archive(source.content)
        text = html_to_text(_html(source.content))
        return markdown_document(source, text, otherwise=PurePath(source.filename).stem)


def _html(content: bytes) -> str:
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(content), style_map=_STYLES, convert_image=mammoth.images.img_element(_no_picture)
        )
    except (KeyError, ValueError, AttributeError, IndexError, OSError, ExpatError) as error:
        # mammoth has no error type of its own: a missing or malformed part surfaces as one of these.
        raise damaged_office_file() from error
    html = str(result.value)
    return _under_title(html) if '<h1 class="title">' in html else html


def _under_title(html: str) -> str:
    """Word's Title stands above Heading 1; HTML has one scale, so the headings move down by one."""
    tree = LexborHTMLParser(html)
    body = tree.body
    moved = _HEADING_TAG.sub(lambda tag: f"<{tag[1]}h{int(tag[2]) + 1}", body.html or "" if body is not None else html)
    return re.sub(r'<h1 class="title">(.*?)</h2>', r"<h1>\1</h1>", moved, flags=re.DOTALL)


def _no_picture(_image: object) -> dict[str, str]:
    return {}
