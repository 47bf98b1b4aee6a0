"""Pages of the ledger as listings of the API."""

from collections.abc import Callable
from typing import TypeVar

from services.corpus.schemas import Listing
from services.shared.kit.paging import Page

T = TypeVar("T")
U = TypeVar("U")


def listing(page: Page[T], *, show: Callable[[T], U], id_of: Callable[[U], str]) -> Listing[U]:
    """The page with its items as the API shows them."""
    shown = [show(item) for item in page.items]
    first, last = (id_of(shown[0]), id_of(shown[-1])) if shown else (None, None)
    return Listing(data=shown, first_id=first, last_id=last, has_more=page.has_more)
