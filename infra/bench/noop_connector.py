"""A connector whose tools do nothing, so that what is measured is everything around them."""

from services.shared.components.connectors.sdk import Connector, ConnectorConfig, tool


class NoopConnector(Connector[ConnectorConfig]):
    """Answers at once."""

    @tool()
    async def nothing(self, word: str) -> str:
        """Says the word again."""
        return word

    @tool(cache_s=600)
    async def remembered(self, word: str) -> str:
        """Says the word again, from the cache after the first time."""
        return word
