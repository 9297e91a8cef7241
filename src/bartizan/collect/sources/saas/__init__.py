"""What applications in the cloud write about who administers and uses them."""
