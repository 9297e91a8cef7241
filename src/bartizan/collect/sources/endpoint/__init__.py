"""What products write that watch over hosts."""
