"""Connectors: one outside system each, with tools that are called live and, where it makes sense, a sync."""
