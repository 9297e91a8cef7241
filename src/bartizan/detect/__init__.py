"""Judge what happens."""
