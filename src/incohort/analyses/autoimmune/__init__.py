"""Neutropenia in autoimmune disease: how often, by what, and what follows."""
