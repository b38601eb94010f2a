"""incohort: research cohorts of immune neutropenia."""
