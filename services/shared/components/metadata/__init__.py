"""The attributes of documents, checked against what their collection declares."""
