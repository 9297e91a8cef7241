"""Each figure the README quotes, as a command that prints it: ``make bench NAME=x``."""
