"""Sources that look for trouble in clouds: Wiz, Snyk."""
