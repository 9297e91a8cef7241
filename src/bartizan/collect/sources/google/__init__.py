"""Sources of Google: Cloud audit logs, load balancers, Workspace."""
