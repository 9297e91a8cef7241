"""Keep records and find them again."""
