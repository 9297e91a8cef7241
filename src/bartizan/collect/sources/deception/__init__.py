"""What decoys write: whoever touches them has no business there."""
