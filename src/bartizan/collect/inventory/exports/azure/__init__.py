"""Read what Azure exports: rows of the Resource Graph, templates of Resource Manager, lists of the command line and of Entra ID."""
