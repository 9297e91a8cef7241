"""Joins over facts of Azure."""
