"""Data sets by name: on this machine, downloaded, or from the Python package index."""
