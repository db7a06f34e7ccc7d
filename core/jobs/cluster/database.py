"""The database of several machines: its URL, its errors in words, and our two tables beside those of DBOS.

    factorscope.queue    one row: the cache folder whose runs it holds, and the version of the project
    factorscope.workers  the workers, and when each signed last, by the database's clock

No message, log or traceback holds the password: messages are made here, and errors of libraries end here.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from core.code_version import version
from core.errors import QueueError
from core.jobs.cluster.mark import marked
from core.paths import database_address

DRIVERS = ("postgres", "postgresql", "postgresql+psycopg")
ON_LOST_NETWORKS = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "tcp_user_timeout": "10000",
}
"""Options of libpq, in seconds and milliseconds: without them a connection over a lost network hangs for minutes.
What the URL says itself goes before."""
STATEMENT_MILLISECONDS = 5000
"""Most that a statement of ours may take."""
FREED_BY_SERVER = (
    f"-c idle_in_transaction_session_timeout={STATEMENT_MILLISECONDS} -c tcp_user_timeout=10000 "
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2"
)
"""What the server is asked: to end the session of a machine that was lost or stopped in the midst of a transaction.
Otherwise it keeps the row of that machine's sign locked for two hours, and nobody can sign or take its run over."""
LOST_SECONDS = 30.0
"""A worker that has not signed for so long is given up. All machines of a database have to agree on it."""
LOCK = 2021
"""Number of the advisory lock that is held while a machine is admitted."""
TABLES = """
CREATE SCHEMA IF NOT EXISTS factorscope;
CREATE TABLE IF NOT EXISTS factorscope.queue (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), cache text NOT NULL, version text NOT NULL);
CREATE TABLE IF NOT EXISTS factorscope.workers (
    name text PRIMARY KEY, version text NOT NULL, signed timestamptz NOT NULL DEFAULT clock_timestamp());
"""


def database_url() -> sa.URL | None:
    """Return the URL in FACTORSCOPE_DATABASE, None where there is none. Raises QueueError."""
    text = database_address()
    if text is None:
        return None
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        # Their messages may hold parts of the password.
        url = None
    if url is None or url.drivername not in DRIVERS or not url.database or _is_misread(url, text):
        raise QueueError(
            "FACTORSCOPE_DATABASE is no URL of a database; write postgresql://USER:PASSWORD@HOST:PORT/NAME, "
            "with % codes for special characters"
        ) from None
    return url.set(
        drivername="postgresql+psycopg", query={**ON_LOST_NETWORKS, "options": FREED_BY_SERVER, **url.query}
    )


def _is_misread(url: sa.URL, text: str) -> bool:
    """Return whether part of the password would be shown: with an @ in it, a / in the user, or among the options."""
    is_unread = "@" in text and url.username is None
    return text.count("@") > 1 or is_unread or "password" in url.query


def place(url: sa.URL) -> str:
    """Return the name of a database and where it is, for people.

    >>> place(sa.make_url("postgresql://me:secret@db.example:5433/factorscope"))
    'factorscope at db.example:5433'
    """
    return f"{url.database} at {url.host or 'this machine'}:{url.port or 5432}"


class Unreachable(QueueError):
    """The database cannot be reached or used now; it may be later."""


@contextlib.contextmanager
def in_words(url: sa.URL) -> Iterator[None]:
    """Raise Unreachable in place of an error of the database, and never one that holds the password."""
    try:
        yield
    except SQLAlchemyError as error:
        raise Unreachable(_sentence(url, error)) from None


def _sentence(url: sa.URL, error: Exception) -> str:
    raw = error.orig if isinstance(error, DBAPIError) and error.orig else error
    lines = [line.strip() for line in str(raw).splitlines() if line.strip()]
    reason = lines[0] if lines else type(raw).__name__
    # What the server says comes last in a line that begins with its address, which the sentence names already.
    reason = next((line for line in lines if "FATAL:" in line), reason).rpartition("FATAL:")[2].strip()
    if reason.startswith("connection failed:"):
        reason = reason.rpartition("failed: ")[2]
    reason = _without(url.password, reason)[:200].rstrip(".")
    if "password" in reason:
        remedy = "check the user in FACTORSCOPE_DATABASE, and the password there or in PGPASSWORD"
    elif "does not exist" in reason:
        remedy = "create it, or check FACTORSCOPE_DATABASE"
    elif "permission denied" in reason:
        remedy = "make its user the owner of the database"
    else:
        remedy = "check that it runs, and FACTORSCOPE_DATABASE"
    return f"the database {place(url)} cannot be used ({reason}); {remedy}"


def _without(password: object, text: str) -> str:
    return text.replace(str(password), "…") if password else text


def opened(url: sa.URL) -> sa.Engine:
    """Return an engine for our own few statements, which keeps one connection."""
    options = {
        "application_name": "factorscope",
        "options": f"{FREED_BY_SERVER} -c statement_timeout={STATEMENT_MILLISECONDS}",
    }
    return sa.create_engine(
        url, connect_args=options, pool_size=1, max_overflow=1, pool_pre_ping=True, hide_parameters=True
    )


def admit(root: Path, url: sa.URL, worker: str | None = None) -> None:
    """Check that this machine may use the database for a cache folder; with a name, sign as a worker.

    The first machine decides the version, and any once no worker is left. Raises QueueError or StorageError.
    """
    cache, ours = marked(root), version()
    engine = opened(url)
    try:
        with in_words(url), engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            _make_tables(connection)
            connection.execute(
                sa.text(
                    "INSERT INTO factorscope.queue (cache, version) VALUES (:cache, :ours) ON CONFLICT DO NOTHING"
                ),
                {"cache": cache, "ours": ours},
            )
            known = connection.execute(sa.text("SELECT cache, version FROM factorscope.queue")).one()
            alive = connection.execute(
                sa.text(
                    "SELECT count(*) FROM factorscope.workers WHERE version <> :ours "
                    "AND signed > clock_timestamp() - make_interval(secs => :lost)"
                ),
                {"ours": ours, "lost": LOST_SECONDS},
            ).scalar_one()
            refused = _refusal(root, url, (known.cache, known.version), (cache, ours), alive)
            if refused is None:
                connection.execute(sa.text("UPDATE factorscope.queue SET version = :ours"), {"ours": ours})
                if worker:
                    connection.execute(
                        sa.text("INSERT INTO factorscope.workers (name, version) VALUES (:name, :ours)"),
                        {"name": worker, "ours": ours},
                    )
    finally:
        engine.dispose()
    if refused is not None:
        raise QueueError(refused)


def _make_tables(connection: sa.Connection) -> None:
    made = connection.execute(sa.text("SELECT to_regclass('factorscope.workers')")).scalar_one()
    if made is None:
        for statement in TABLES.strip().split(";\n"):
            connection.execute(sa.text(statement))


def _refusal(
    root: Path, url: sa.URL, known: tuple[str, str], ours: tuple[str, str], others_alive: int
) -> str | None:
    """Return why this machine may not use the database, None where it may; `known` and `ours`: cache, version."""
    if known[0] != ours[0]:
        return (
            f"the database {place(url)} holds the runs of another cache folder than {root}. Mount the shared folder "
            "there, or create a database for this one"
        )
    if known[1] != ours[1] and others_alive:
        return (
            f"workers of version {known[1]} of this project use the database {place(url)}, and this is version "
            f"{ours[1]}. End them, and bring all machines to one version"
        )
    return None
