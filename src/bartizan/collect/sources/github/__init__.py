"""What GitHub and its like write: GitLab, Bitbucket."""
