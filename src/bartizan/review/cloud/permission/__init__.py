"""Say who can do what, and which sentence of which policy decides it."""
