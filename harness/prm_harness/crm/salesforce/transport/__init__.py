"""How requests get to the core: in process, over a socket, as an ASGI application."""
