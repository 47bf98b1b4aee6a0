"""Pictures of text: read by OCR where there is any."""

from pathlib import PurePath

from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.ocr import no_ocr
from services.shared.components.parsers.pdf import liteparse_pages, pages_document
from services.shared.components.parsers.picture_pdf import picture_page
from services.shared.components.parsers.protocol import Source


class PictureParser:
    """PNG and JPEG: one page with what stands on it. A picture without text holds nothing to search for."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the largest line, else the file's name."""
        if source.ocr is None:
            raise no_ocr("This is a picture, whose text only OCR can read.")
        pages, warnings = liteparse_pages(picture_page(source.content), ocr=source.ocr)
        return pages_document(source, pages, warnings, otherwise=PurePath(source.filename).stem)
