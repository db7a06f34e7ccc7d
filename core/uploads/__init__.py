"""Users' files: stored by name, and inspected before a run reads them."""
