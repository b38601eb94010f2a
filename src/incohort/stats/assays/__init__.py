"""Tests held against tests and against the truth: agreement, accuracy, yields and titres."""
