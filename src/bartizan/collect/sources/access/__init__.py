"""Sources of what lets people into machines and networks: Teleport, Tailscale."""
