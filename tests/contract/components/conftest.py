"""Fixtures of the contract suites."""

from tests.unit.components.conftest import tokenizer_path

__all__ = ["tokenizer_path"]
