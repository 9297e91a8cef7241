"""What web servers write."""
