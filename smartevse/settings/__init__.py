"""The one table of the owner's settings and its power-cut safe store."""
