"""What goes wrong between hosts is told in one sentence, in the command line and the dashboard; nothing is lost."""

import shutil
from pathlib import Path

import pytest
from faults.small import SETTINGS, finished_stages
from faults.test_full_disk import MEGABYTE, small_disk, with_free_bytes

from cluster.hosts import ROOT, wait_for
from cluster.lab import PYTHON, Lab, press_start
from core import jobs
from core.code_version import version
from core.jobs.progress_file import ENDED
from core.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


def refused(lab: Lab, host: str, *reasons: str, **environment: str) -> None:
    """Check that a host's worker and dashboard say reasons in one sentence, and that runs stay as they were.

    The dashboard starts a run by itself where there is none.
    """
    before = jobs.runs(lab.store)
    ended = lab.call(host, "worker", **environment)
    assert (ended.returncode, ended.stdout) == (2, "") and ended.stderr.count("\n") == 1, ended.stderr
    said = ended.stderr.strip().removeprefix("factorscope: ")
    assert all(reason in said for reason in reasons), said
    with lab.dashboard(host, **environment) as visitor:
        shown = press_start(visitor, SETTINGS) if before else visitor.open("Train")
    # Without the signs that keep words from being formatted.
    assert all(reason in shown.replace("\\", "") for reason in reasons), shown
    assert jobs.runs(lab.store) == before


def test_a_database_behind_a_cut_network_is_told(lab: Lab) -> None:
    with lab.dashboard("a") as visitor:
        lab.start_run(visitor, SETTINGS)
    lab.net.cut(lab.host("b"))
    refused(lab, "b", f"database {lab.database} at 10.77.0.1:5432 cannot be used", "check that it runs")


def test_a_wrong_password_is_told_and_never_shown(lab: Lab) -> None:
    reason = 'password authentication failed for user "factorscope"'
    refused(lab, "b", reason, "and the password there or in PGPASSWORD", PGPASSWORD="gu.ess%20ed")
    assert not any(b"gu.ess" in path.read_bytes() for path in lab.folder.rglob("*") if path.is_file())


def test_a_host_of_another_version_is_refused_and_both_versions_are_named(lab: Lab) -> None:
    lab.worker("b")
    other = lab.folder / "checkout"
    for name in ("core", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, other / name)
    shutil.copy(ROOT / "app.py", other)
    with (other / "core" / "paths.py").open("a") as changed:
        changed.write("# Newer.\n")
    ended = lab.host("c").call("env", "-C", other, PYTHON, "-m", "core", "worker", **lab.settings())
    assert ended.returncode == 2
    theirs, ours = (
        ended.stderr.split(" of this project")[0].split()[-1],
        ended.stderr.split(". End")[0].split()[-1],
    )
    assert theirs == version() != ours and len(ours) == len(theirs)
    assert ended.stderr.strip() == (
        f"factorscope: workers of version {theirs} of this project use the database {lab.database} at "
        f"10.77.0.1:5432, and this is version {ours}. End them, and bring all machines to one version"
    )


def test_a_folder_that_cannot_be_written_is_told(lab: Lab) -> None:
    host = lab.host("c")
    lab.store.root.mkdir(parents=True, exist_ok=True)
    for words in (("--bind", str(lab.store.root)), ("-o", "remount,bind,ro")):
        assert host.call("mount", *words, lab.store.root).returncode == 0
    refused(lab, "c", f"{lab.store.root} cannot be written", "set FACTORSCOPE_CACHE to a folder that can")


def test_a_run_on_a_full_shared_folder_says_so_and_goes_on_with_what_was_finished(
    lab: Lab, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        lab.store = Store(disk / "cache")
        with lab.dashboard("b") as visitor:
            run_id = lab.start_run(visitor, SETTINGS)
            with with_free_bytes(disk, MEGABYTE):
                lab.worker("c")
                wait_for(lambda: lab.state(run_id) in ENDED)
                finished = finished_stages(lab.store)
                assert finished and lab.progress(run_id).state == "failed"
                assert "full" in str(lab.progress(run_id).error)
                assert "full" in visitor.open("Train", run=run_id, part="Runs")
            visitor.use("Train", f"resume {run_id}")
            wait_for(lambda: lab.progress(run_id).attempt == 2)
            lab.wait_until_done(run_id)
        assert finished.items() <= finished_stages(lab.store).items()
        assert finished_stages(lab.store).keys() > finished.keys()
        lab.end()
