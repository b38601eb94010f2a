"""Numbers of the notebooks, counted again from raw CSV files; nothing of incohort is imported."""
