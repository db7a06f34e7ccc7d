"""The guided example of the page Start."""
