"""When a server that failed is left alone: a circuit breaker fed by the requests themselves."""


class Breaker:
    """Closed while a replica works. A lost connection opens it at once, failures of single requests after a few.

    What a caller did wrong (4xx) is no failure: the replica answered. An open breaker lets one request through each
    `cooldown_s` seconds to find out whether the replica is back. Times are those of one monotonic clock, in seconds.
    """

    def __init__(self, *, failures: int = 3, cooldown_s: float = 5.0) -> None:
        self._most = failures
        self._cooldown_s = cooldown_s
        self._failures = 0
        self._closed_again_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the replica is avoided."""
        return self._closed_again_at is not None

    def allows(self, now: float) -> bool:
        """Whether a request may be sent."""
        return self._closed_again_at is None or now >= self._closed_again_at

    def sent(self, now: float) -> None:
        """A request was sent; while the breaker is open it is the only one for a while."""
        if self._closed_again_at is not None:
            self._closed_again_at = now + self._cooldown_s

    def rested(self, now: float) -> None:
        """The replica looks well: an open breaker that has waited long enough closes until the next failure."""
        if self._closed_again_at is not None and now >= self._closed_again_at:
            self._closed_again_at = None
            self._failures = self._most - 1

    def answered(self) -> None:
        """The replica answered, be it with a refusal."""
        self._failures = 0
        self._closed_again_at = None

    def failed(self, now: float) -> None:
        """One request failed, which may be the request's own fault."""
        self._failures += 1
        if self._failures >= self._most:
            self._closed_again_at = now + self._cooldown_s

    def lost(self, now: float) -> None:
        """The replica cannot be reached."""
        self._failures = self._most
        self._closed_again_at = now + self._cooldown_s
