"""What network sensors write."""
