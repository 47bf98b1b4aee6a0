"""The vector database's rules and translations."""
