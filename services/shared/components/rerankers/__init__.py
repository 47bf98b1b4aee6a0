"""Rerankers: how well each of a few passages answers a question."""
