"""One file per command: each reads its settings, does its work, prints its result."""
