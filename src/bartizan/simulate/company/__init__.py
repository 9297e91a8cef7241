"""The world that a simulation plays in: a small company's hosts, people, clock, networks and cloud account."""
