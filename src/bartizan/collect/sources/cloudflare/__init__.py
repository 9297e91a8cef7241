"""Sources of networks that deliver content: Cloudflare, Fastly."""
