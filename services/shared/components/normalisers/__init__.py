"""Small steps that make parsed text uniform."""
