"""Decide as the RBAC authorizer of Kubernetes does, over roles and bindings that were read."""
