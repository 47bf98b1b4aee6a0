"""Parsed documents to chunks. One file per implementation."""
