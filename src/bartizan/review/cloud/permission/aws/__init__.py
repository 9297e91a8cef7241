"""Who can do what in AWS: the logic by which IAM evaluates policies, over facts."""
