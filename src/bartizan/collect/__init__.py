"""Bytes and APIs become records."""
