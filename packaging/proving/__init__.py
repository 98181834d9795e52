"""Shows on a real systemd that the Debian package does what it promises; started by `packaging/prove`."""
