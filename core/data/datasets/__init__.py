"""Data sets by name: found on this machine, downloaded, or taken from the package index."""
