"""Which language a text is in. One file per implementation."""
