"""Joins of AWS."""
