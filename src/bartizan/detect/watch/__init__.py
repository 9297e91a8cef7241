"""Judge what happens while it happens: the rules and correlations of the hunt, fed by senders instead of files."""
