"""What macOS writes."""
