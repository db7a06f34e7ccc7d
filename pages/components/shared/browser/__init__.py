"""What only the browser knows or does: the address, its history, widths, touches, and the look of the pages."""
