"""Cohorts that ship: one rebuilt from printed counts, one made up with a known truth."""
