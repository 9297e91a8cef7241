"""What is: clouds and clusters read as flat tables of facts, from wherever they can be read."""
