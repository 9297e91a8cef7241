"""Judge records that a lake holds: on any engine the same rules, the same findings, with the same ids."""
