"""Pages that people look things up in, and the same in a terminal: written, never edited."""
