"""The campaign: kills, full disks, damaged files, bad inputs and many sessions, drawn from a seed.

forks     processes to kill and to measure
campaign  the seed, how much is tried, and the table
small     a run that takes seconds, its figures, and its finished stages
visitors  visitors of the dashboard without a browser
inputs    bad files of ratings and of reviews

Each `test_*.py` is a part. `make test` runs a few cases of each, `make test-faults` all.
"""
