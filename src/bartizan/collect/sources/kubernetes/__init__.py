"""Sources of Kubernetes and what guards it."""
