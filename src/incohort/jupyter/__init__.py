"""What touches Jupyter: the door of a notebook, results that display themselves, JupyterLab."""
