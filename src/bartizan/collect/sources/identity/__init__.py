"""What other providers of identities write."""
