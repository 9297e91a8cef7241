"""What CrowdStrike Falcon writes."""
