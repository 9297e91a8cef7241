"""AWS: a session is handed in; every answer is redacted and kept before facts are made of it."""
