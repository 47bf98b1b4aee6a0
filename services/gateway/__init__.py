"""The one public door: API keys in, signed requests to the inner services, streams both ways."""
