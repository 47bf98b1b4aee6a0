"""The embedding service: a model server for sentence-transformers models."""
