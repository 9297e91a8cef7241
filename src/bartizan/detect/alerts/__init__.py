"""From findings, which are facts, to alerts, which are what a person is asked to look at."""
