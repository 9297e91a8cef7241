"""Read what Google Cloud exports: assets and policies of the Cloud Asset Inventory, and lists of the command line."""
