"""Tell people of findings where they look: each once for each channel, tried again where it fails, set aside where it cannot be sent."""
