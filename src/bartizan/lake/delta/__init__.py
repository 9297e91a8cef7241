"""Tables of files that are added and taken away in transactions: Delta Lake, which every engine reads."""
