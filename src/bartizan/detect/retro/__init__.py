"""Look back: judge by new rules what was stored long ago, and read of it only what they could fire on."""
