"""The conformance checks, published for third parties."""
