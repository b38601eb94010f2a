"""The evidence on G-CSF. Nothing is imported here, so that its parameters cost no analysis."""
