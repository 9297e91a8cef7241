"""Match what records saw against what others say is bad: addresses, domains, URLs, hashes, mail and TLS fingerprints."""
