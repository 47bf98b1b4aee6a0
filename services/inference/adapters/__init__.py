"""The model servers behind this service, and the metrics of calls to them."""
