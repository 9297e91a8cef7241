"""Act: plan, apply, undo."""
