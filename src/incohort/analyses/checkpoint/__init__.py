"""Checkpoint inhibitors. Nothing is imported here, so that its parameters cost no analysis."""
