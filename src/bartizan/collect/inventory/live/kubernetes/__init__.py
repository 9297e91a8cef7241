"""Read a running cluster from its API server: one list for each kind, and a gap for each that is refused."""
