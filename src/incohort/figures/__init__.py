"""Estimates as drawings: SVG with alternative text, and the numbers behind it."""

from incohort.figures.framed import figure_html

__all__ = ["figure_html"]
