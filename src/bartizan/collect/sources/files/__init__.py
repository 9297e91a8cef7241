"""What servers and scanners of files write."""
