"""Where bytes come from: files, folders, archives, compressed streams, pipes."""
