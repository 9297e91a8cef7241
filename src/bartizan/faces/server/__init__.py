"""The server: sockets, processes and clocks around the watch, and nothing that could be judged without them."""
