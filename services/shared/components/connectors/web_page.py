"""A single web page, read now."""

import asyncio
from functools import partial

from pydantic import Field

from services.shared.components.connectors.connector import Connector, ConnectorConfig
from services.shared.components.connectors.failures import ConnectorError
from services.shared.components.connectors.http import found
from services.shared.components.connectors.tool import tool
from services.shared.contracts.tools import Material

_TEXT = frozenset({"text/html", "application/xhtml+xml"})
_PLAIN = frozenset({"text/plain", "text/markdown", "application/json"})


class WebPageConfig(ConnectorConfig):
    """How much of a page is given."""

    characters: int = Field(default=8_000, ge=200, le=100_000)


class WebPageConnector(Connector[WebPageConfig]):
    """Reads a page of the public web, or of the hosts that the operator names."""

    @tool(timeout_s=20, cache_s=300, apart_by="url")
    async def fetch(self, url: str) -> Material:
        """The text of the web page at an address."""
        answer = found(await self.http.get(url, headers={"accept": "text/html, text/plain;q=0.9"}))
        if answer.media_type in _TEXT:
            from services.shared.components.connectors.page_text import page_text

            title, text = await asyncio.to_thread(partial(page_text, answer.body, otherwise=answer.url))
        elif answer.media_type in _PLAIN:
            title, text = answer.url, answer.body.decode("utf-8", "replace")
        else:
            raise ConnectorError("not_text", f"The page is of type '{answer.media_type}', which is no text.")
        return Material(title=title, source=answer.url, text=text[: self.config.characters])
