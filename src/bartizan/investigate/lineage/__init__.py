"""What led to a process and what it led to: steps that records tell, followed only where one can have caused the other."""
