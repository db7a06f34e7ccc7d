"""Files that a user gave: kept by name, and looked into before a run reads them."""
