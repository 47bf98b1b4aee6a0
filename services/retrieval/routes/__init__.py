"""The API: the platform's own search and OpenAI's."""
