"""What firewalls write."""
