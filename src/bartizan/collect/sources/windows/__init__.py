"""Windows event logs, in the ways in which they travel."""
