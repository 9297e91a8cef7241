"""Turn objects of Kubernetes into facts, whether they come from files or from an API server."""
