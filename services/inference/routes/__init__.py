"""The API. Calls to models are plain ASGI: their streams pass through here chunk by chunk."""
