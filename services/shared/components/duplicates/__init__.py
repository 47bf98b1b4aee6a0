"""Which documents are almost equal: signatures of texts, and their comparison."""
