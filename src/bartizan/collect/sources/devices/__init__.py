"""What routers and switches write."""
