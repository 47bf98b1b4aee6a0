"""Where documents come from: readers of outside systems, each of which can list its items and fetch one of them."""
