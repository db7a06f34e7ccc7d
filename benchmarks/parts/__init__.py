"""What the scripts of `benchmarks` share, or were too long with; a script puts the project on the path first."""
