"""One file per chip or kernel interface; nothing here knows about charging."""
