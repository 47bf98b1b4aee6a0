"""Qdrant's REST API over Qdrant Edge shards: the embedded default of the vector database."""
