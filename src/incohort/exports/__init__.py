"""A report, or what one cell shows, taken along: Word, Excel, CSV and PDF."""
