"""What Microsoft's clouds write: Azure, Entra, Microsoft 365, Intune, Defender."""
