"""What the pages are made of; `shared` is what all of them use."""
