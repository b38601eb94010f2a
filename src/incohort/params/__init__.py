"""What may be asked of a study: each parameter is a field of one model, and all else reads that."""
