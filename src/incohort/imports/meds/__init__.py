"""The Medical Event Data Standard: a hospital's events under its own codes, and a mapping."""
