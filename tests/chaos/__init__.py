"""Processes are killed while documents come, change and go; then the store is compared with the truth."""
