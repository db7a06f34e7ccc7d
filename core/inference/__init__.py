"""New texts -> what a finished run reads in them, in a process of its own."""
