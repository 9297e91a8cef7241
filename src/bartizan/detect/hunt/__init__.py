"""Hunt: raw records in, findings and a closed balance out."""
