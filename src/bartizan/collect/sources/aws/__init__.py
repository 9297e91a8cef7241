"""What Amazon Web Services writes."""
