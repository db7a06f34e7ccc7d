"""Components of all pages: set-up, the selected run, tables, charts and the address."""
