"""Forms that many products write: what they have in common is read, and their own names are kept."""
