"""The HTTP API of the corpus service, one file per resource."""
