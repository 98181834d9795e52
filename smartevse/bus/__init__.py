"""RS485: frames, meters and units on the line."""
