"""Study questions, one module each: a cohort in, keyed estimates out."""
