"""Bytes become raw records: lines, JSON values, EVTX records."""
