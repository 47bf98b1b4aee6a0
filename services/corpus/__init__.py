"""Corpus management: files, collections, documents and ingest jobs. The work itself is done by pipelines/ingest."""
