"""What all fits have in common: the loop, its checkpoints, the device and its threads."""
