"""Tell what a review of clouds found: terminal, JSON, SARIF, BloodHound, and one HTML page."""
