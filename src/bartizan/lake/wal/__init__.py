"""A write-ahead log: what was taken is on disk before anybody is told that it was taken."""
