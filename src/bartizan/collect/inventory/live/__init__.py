"""What a provider's API says now: calls are planned by the kind files, made once, kept, and turned into facts."""
