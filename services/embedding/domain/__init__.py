"""What an embedding request may ask for, and what the answer looks like."""
