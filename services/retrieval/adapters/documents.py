"""Which document has the chunks of a document: of equal ones only one has any."""

import re

from services.shared.kit.errors import NotFoundError
from services.shared.kit.http import ServiceClient

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class DocumentDirectory:
    """Asks the corpus service."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def owner(self, name: str) -> str:
        """The id of the document whose chunks stand for this one; the name itself where there is no other.

        Raises:
            PlatformError: the corpus service cannot be asked.
        """
        if not _ID.fullmatch(name):
            return name
        try:
            answer = await self._client.get_json(f"/api/documents/{name}")
        except NotFoundError:
            return name
        match answer:
            case {"copy_of": str(owner)}:
                return owner
            case _:
                return name
