"""Bytes to text and structure. Import `isolation` to parse safely; a parser itself only inside a worker process."""
