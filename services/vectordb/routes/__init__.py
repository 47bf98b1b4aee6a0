"""Qdrant's paths, one file per group of them."""
