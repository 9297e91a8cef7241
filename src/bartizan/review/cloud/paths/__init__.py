"""Judge how an attacker gets from here to there: rules of paths, compiled to a graph, and what is asked of it."""
