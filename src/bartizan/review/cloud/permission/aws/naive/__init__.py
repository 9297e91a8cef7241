"""The logic of IAM once more, as its documentation tells it and without haste: the twin that the authorizer must agree with."""
