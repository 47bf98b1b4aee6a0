"""Whom a request stands for, as far as services give one of them other rights than the rest."""

OPERATOR = "key:operator"
"""The principal of the bootstrap key: it stays the same when the key is replaced, and so does what it owns."""
