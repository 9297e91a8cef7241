"""What applications write in which people work together."""
