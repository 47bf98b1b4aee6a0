"""What every Qdrant endpoint must do: run over our service, and over a real server when QDRANT_URL is set."""
