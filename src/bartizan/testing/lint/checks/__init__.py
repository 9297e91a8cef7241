"""The lints: each module is a few that look at the same thing."""
