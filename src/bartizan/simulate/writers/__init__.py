"""Write what happened as the bytes that real shippers write: one file per format."""
