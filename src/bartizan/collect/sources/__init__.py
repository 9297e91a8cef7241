"""One file per source, in the folder of the place it comes from."""
