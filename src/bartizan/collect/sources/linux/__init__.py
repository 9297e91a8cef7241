"""What Linux machines write."""
