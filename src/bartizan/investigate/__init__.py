"""Connect records into entities, links and cases."""
