"""Take logs as senders already send them: protocols without sockets, bytes and requests in, records and answers out."""
