"""Reference PRMs, one per integration style, and the defects that can be switched on in them."""
