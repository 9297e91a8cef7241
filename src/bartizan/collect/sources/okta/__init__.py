"""What Okta writes."""
