"""What VPN servers write."""
