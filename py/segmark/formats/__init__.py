"""Exchange formats: pure functions, documents in, bytes out."""
