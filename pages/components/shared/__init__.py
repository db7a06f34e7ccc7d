"""What all pages use: set-up, the chosen run, tables, charts and the address."""
