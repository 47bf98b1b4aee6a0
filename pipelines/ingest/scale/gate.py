"""The gate of a run: workers ask it whether they may go on, and tell it what they wait for."""


class Gate:
    """An actor on the cluster; when it is gone, so is the run, and a worker that lives on stores nothing any more."""

    def __init__(self) -> None:
        self._open = True
        self._waits: str | None = None

    def is_open(self) -> bool:
        """Whether further documents may be begun."""
        return self._open

    def close(self) -> None:
        """Let no further document be begun."""
        self._open = False

    def wait_for(self, message: str | None) -> None:
        """Note what a worker waits for; None: nothing any more."""
        self._waits = message

    def waits(self) -> str | None:
        """What the workers wait for."""
        return self._waits
