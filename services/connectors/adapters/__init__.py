"""See the service's README."""
