"""The board: what can be read and driven, and the back-ends that do it."""
