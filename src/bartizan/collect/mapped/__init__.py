"""Make sources of mapping files: YAML that says how a kind of log is recognised, read and what its fields mean."""
