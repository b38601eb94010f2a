"""Other people's formats, each read into the tables of a cohort folder."""
