"""Wireless networks: switched on and off, and set up with a phone through a network of the charger's own."""
