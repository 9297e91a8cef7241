"""AWS: what its command line prints, and what AWS Config delivers."""
