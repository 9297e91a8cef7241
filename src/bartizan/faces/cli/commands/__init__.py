"""The commands, one module each; the folder is the list."""
