"""What all fits of fastai's share.

fit         the loop: steps of a schedule, seeds, going on after an interruption
reporting   progress, points of the loss curves, the end on demand or on a loss that is not finite
checkpoint  the state of a fit in one file
precision   mixed precision where the device is made for it
device      what a piece of work runs on here
device_rule  which device is faster for a piece of work, by what was measured
processor   what the processor calls itself, and how much of it work may take
processes   several processes that train one model, as `accelerate launch` starts them
process_group  those processes, joined: how they wait for each other, and learn of a failure
threads     how many threads torch uses, and independent work in several of them
side_by_side  copies of a small model that are trained together
light_learner  fastai's Learner for small steps
"""
