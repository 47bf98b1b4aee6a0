"""The rules of the API without a framework or an engine: names, ids, vectors, collection configuration."""
