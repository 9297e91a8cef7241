"""Answer questions that users ask in SQL, in a process that can do nothing but answer."""
