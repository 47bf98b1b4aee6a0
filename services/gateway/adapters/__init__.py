"""What the gateway reaches: its database of keys, the readiness of the other services."""
