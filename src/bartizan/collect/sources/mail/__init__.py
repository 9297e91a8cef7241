"""What mail servers write."""
