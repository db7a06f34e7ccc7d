"""Several machines: workers on a queue in Postgres that are killed, stopped, cut off and refused."""
