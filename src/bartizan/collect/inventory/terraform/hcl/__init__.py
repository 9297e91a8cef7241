"""The language of Terraform's files, read and evaluated without Terraform: what cannot be known yet stays ``Unknown``."""
