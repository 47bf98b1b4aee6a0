"""What the corpus service stands on: the job queue and uploads."""
