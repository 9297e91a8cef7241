"""Judge clouds and clusters: what is exposed, who can do what, and how an attacker gets from here to there."""
