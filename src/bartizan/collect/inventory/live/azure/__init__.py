"""Read running subscriptions of Azure: the Resource Graph first, then what it does not have, then the directory."""
