"""Questions that many studies ask of sets of patients: results, table and figure at once."""
