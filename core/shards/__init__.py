"""Long work in shards: what is finished stays finished, and the rest may be done by several machines.

A stage names a top-level function, its shards, and what each is given. Each finished shard is kept in the store until
the stage is. Without FACTORSCOPE_RAY the shards are done here; with it, by a cluster of Ray.

shards      what a stage says of its shards, and how they are done and found again
shard_store finished shards of one stage
cluster     the same shards on a cluster of Ray; loads it
node        what a machine of the cluster does
"""
