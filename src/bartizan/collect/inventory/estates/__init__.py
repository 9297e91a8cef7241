"""Read running estates: what asks a cloud, joined with what understands its answers."""
