"""Text from its chunks: of a document, or of a passage of several chunks."""


class TextJoiner:
    """Puts chunks back together in order, each at its own place.

    Chunks leave out nothing but white space, which comes back as line ends, one for each character: offsets stay right.
    What two chunks share is written once. `start` is where the text to be joined begins in its document.
    """

    def __init__(self, start: int = 0) -> None:
        self._written = start

    def add(self, text: str, *, start: int, end: int) -> str:
        """What the next chunk adds, the white space before it included."""
        if end <= self._written:
            return ""
        gap = "\n" * max(0, start - self._written)
        new = text[max(0, self._written - start) :]
        self._written = end
        return gap + new
