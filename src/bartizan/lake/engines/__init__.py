"""Run a pure function over files of a lake: in processes of this machine, or on a cluster that others schedule."""
