"""Keys, menu, screens, display and lights."""
