"""What one command does as one act, from what was typed to what the terminal is told."""
