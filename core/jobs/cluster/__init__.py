"""Several machines: workers that share a cache folder take runs from one queue, in a Postgres database.

FACTORSCOPE_DATABASE names the database; without it nothing of this is used. In reading order:

    presence   which workers are alive, by small files that pages read
    mark       a cache folder of several machines, and its id
    database   the URL, its errors in words, and our own tables
    heartbeat  a worker's sign of life, and how it learns that it was given up
    worker     the worker; `python -m core worker`

DBOS keeps the queue (`core.jobs.queue`). A worker signs in the database every BEAT_SECONDS. Where it has not for
LOST_SECONDS, by the database's clock, the others delete it and put its run back into the queue. A worker that cannot
sign writes nothing from shortly before that moment on; one that finds itself deleted begins anew, as another.
"""
