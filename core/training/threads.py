"""How many threads torch uses.

Imported for its effect alone: importing it sets the number, so that every module that computes with torch has it by
naming this one among its imports, whichever of them a process loads first.
"""

import os

import torch

# One core is left to the browser and the server. Threads that wait for each other spin, so a fit with as
# many threads as cores takes many times as long as soon as anything else runs: see benchmarks/threads.py.
if "OMP_NUM_THREADS" not in os.environ:
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))
