"""From a notebook and a cohort to a report that a reviewer can check."""
