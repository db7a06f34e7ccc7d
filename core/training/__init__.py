"""What all fits of fastai's share.

fit         the loop: steps of a schedule, seeds, going on after an interruption
reporting   progress, points of the loss curves, the end on demand or on a loss that is not finite
checkpoint  the state of a fit in one file
precision   mixed precision where the device is made for it
device      what training runs on here
threads     how many threads torch uses
in_threads  independent pieces of work, a thread each
light_learner  fastai's Learner for small steps
"""
