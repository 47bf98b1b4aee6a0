"""The readable text of a web page; what only a browser shows is left out."""

from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.parsers.failure import ParseFailure
from services.shared.components.parsers.html import HtmlParser
from services.shared.components.parsers.protocol import Source

_MOST_BYTES = 2_000_000


def page_text(html: bytes, *, otherwise: str) -> tuple[str, str]:
    """Title and text.

    Raises:
        ConnectorError: the page is too large or made to hurt its reader.
    """
    if len(html) > _MOST_BYTES:
        raise ConnectorError("too_large", f"The page has more than {_MOST_BYTES:,} bytes.")
    try:
        document = HtmlParser().parse(Source(content=html, filename="page.html", media_type="text/html"))
    except ParseFailure as error:
        raise ConnectorError("unreadable", f"The page cannot be read: {error.message}") from error
    return document.title or otherwise, document.text
