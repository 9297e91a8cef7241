"""Who can do what in Azure: roles and deny assignments over the tree of scopes, and the conditions of assignments."""
