"""Extract from records which identities belong together, and when: the facts by which records of different sources are joined."""
