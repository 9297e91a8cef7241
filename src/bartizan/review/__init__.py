"""Judge what is."""
