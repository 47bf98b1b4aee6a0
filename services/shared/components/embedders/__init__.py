"""Embedders: text to vectors, dense and sparse."""
