"""Pages that say who passed what, signed as a whole."""
