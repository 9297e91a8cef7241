"""Check that the same thing comes out in the same attributes from every source; ``meaning.yml`` says in which."""
