"""Read Google Cloud: in bulk from the Cloud Asset Inventory, from the services themselves where that is refused or shows too little."""
