"""Who can do what in Google Cloud: allow and deny policies over the tree of nodes, and their conditions."""
