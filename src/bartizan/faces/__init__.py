"""The ways a person or a program talks to the workbench."""
