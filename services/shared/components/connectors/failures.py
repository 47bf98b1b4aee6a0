"""What goes wrong when an outside system is asked."""


class ConnectorError(Exception):
    """The outside system, or a rule about it, did not allow what was asked; the message says what to do.

    Codes: `unreachable`, `timeout`, `too_large`, `address_refused`, `host_refused`, `rate_limited`, `upstream_status`,
    `statement_refused`, `invalid_arguments`, `secret_missing`, or a connector's own. `counts`: whether the breaker
    counts it as a failure of the outside system.
    """

    def __init__(self, code: str, message: str, *, counts: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.counts = counts
