"""From files on this machine to an ingest job behind the gateway."""
