"""What applications and their runtimes write when something goes wrong."""
