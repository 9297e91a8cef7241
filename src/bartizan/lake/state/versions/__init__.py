"""The versions of the tables, oldest first: each says how to come from the one before."""
