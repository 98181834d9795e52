"""The safety process: read, decide, drive, every 10 ms."""
