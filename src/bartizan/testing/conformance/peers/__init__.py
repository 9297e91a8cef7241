"""Other people's engines behind the protocol: programs, each of which needs the package of its engine and no other of ours."""
