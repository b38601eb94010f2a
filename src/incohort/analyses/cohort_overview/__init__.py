"""Who is in a cohort. Nothing is imported here, so that its parameters cost no analysis."""
