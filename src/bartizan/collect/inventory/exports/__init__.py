"""Read the files that clouds export of themselves: told by what each record is, not by the name of its file."""
