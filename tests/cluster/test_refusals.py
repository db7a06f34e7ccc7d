"""What a worker and a dashboard are told of a database that they cannot use: one sentence, and nothing stays."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from support.command_line import forked
from support.postgres import Server

from cluster.conftest import Cluster
from core import jobs
from core.code_version import version
from core.errors import QueueError
from core.settings import preset
from core.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


def refused(cluster: Cluster, url: str) -> str:
    """Return what the command line says, and check that a dashboard says the same, and that nothing stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACTORSCOPE_DATABASE", url)
        with pytest.raises(QueueError) as told:
            jobs.start(preset("quick"), cluster.store)
        assert jobs.runs(cluster.store) == []
        ended = forked(os.environ, "worker")
    assert (ended.returncode, ended.stdout) == (2, "") and ended.stderr.count("\n") == 1
    assert ended.stderr.strip() == f"factorscope: {told.value}"
    assert not (cluster.store.root / "error.log").exists()
    return str(told.value)


def test_a_wrong_password_is_told_and_never_shown(cluster: Cluster, server: Server) -> None:
    said = refused(cluster, server.url("jobs1", password="gu%20ess"))
    assert said == (
        f"the database jobs1 at 127.0.0.1:{server.port} cannot be used (password authentication failed for user "
        '"factorscope"); check the user in FACTORSCOPE_DATABASE, and the password there or in PGPASSWORD'
    )


def test_a_database_that_is_not_there_is_told(cluster: Cluster, server: Server) -> None:
    assert refused(cluster, server.url("nothing")) == (
        f'the database nothing at 127.0.0.1:{server.port} cannot be used (database "nothing" does not exist); create '
        "it, or check FACTORSCOPE_DATABASE"
    )


def test_workers_of_another_version_are_named_with_ours_and_replaced_once_they_are_gone(
    cluster: Cluster,
) -> None:
    run_id = jobs.start(preset("quick"), cluster.store)
    jobs.delete(run_id, cluster.store)
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("UPDATE factorscope.queue SET version = 'older'")
        connection.execute("INSERT INTO factorscope.workers (name, version) VALUES ('b-1-x', 'older')")
        said = refused(cluster, cluster.url)
        assert (
            "workers of version older of this project use" in said and f"this is version {version()}" in said
        )
        connection.execute("UPDATE factorscope.workers SET signed = signed - interval '1 hour'")
        jobs.start(preset("quick"), cluster.store)
        assert connection.execute("SELECT version FROM factorscope.queue").fetchone() == (version(),)


def test_a_machine_without_the_shared_folder_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    jobs.start(preset("quick"), cluster.store)
    elsewhere = Store(tmp_path / "elsewhere")
    with pytest.raises(QueueError, match="another cache folder than .*elsewhere. Mount the shared folder"):
        jobs.start(preset("quick"), elsewhere)
    assert jobs.runs(elsewhere) == []
    # The same folder under another path is the same.
    shutil.copytree(cluster.store.root, tmp_path / "moved")
    jobs.start(preset("quick"), Store(tmp_path / "moved"))


def test_a_user_without_rights_is_told(cluster: Cluster, server: Server) -> None:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    said = refused(cluster, cluster.url.replace(cluster.url.split("//")[1].split("@")[0], "guest:guest"))
    assert "permission denied" in said and said.endswith("make its user the owner of the database")
