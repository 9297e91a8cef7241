"""Ask the REST interface of a cloud through a client that was handed in, and nothing but reading."""
