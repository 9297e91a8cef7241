"""What name servers and those that lease addresses write."""
