"""Attack on purpose, with the truth written beside."""
