"""The daemon: tasks, sessions, journal."""
