"""Tell people what was found."""
