"""How the physical indexes behind collections are called."""


def first_index(collection: str) -> str:
    """The physical index that is made with a collection of this name."""
    return f"{collection}--v1"
