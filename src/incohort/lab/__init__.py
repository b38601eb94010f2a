"""What a notebook touches: a cohort to open, and results that display themselves."""
