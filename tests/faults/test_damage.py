"""Files are damaged: every page opens, other runs are spared, and the run can be made again with the same numbers."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import jobs
from core.errors import BadInput, FactorscopeError
from core.jobs import worker_starts
from core.store import Store
from faults.campaign import SHARE, Row
from faults.forks import ROOT, Forks
from faults.small import SETTINGS, WORKER, figures
from faults.test_kills import compare

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.filterwarnings("ignore")]
GIVEN = ("names.json",)
"""Files of a user, which may be damaged and which a run made anew does not have."""
FEW_PAGES = 4
OTHER = "20261124-130000-abcd"
SCRIPTS = ("app.py", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "pages").glob("*.py")))
FOREIGN = (
    ".DS_Store",
    ".nfs000000000012",
    "Thumbs.db",
    "._of",
    "desktop.ini",
    ".Trash-1000/x",
    "lost+found/x",
)
SHAPES = (
    "[]",
    "null",
    "0",
    "{}",
    '""',
    '{"a": [1]}',
    "[" * 100_000,
    '{"a": NaN}',
    "1e999",
    "\ufeff{}",
    "nul",
    "{} {}",
)


def halve(path: Path, rng: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def empty(path: Path, rng: random.Random) -> None:
    path.write_bytes(b"")


def overwrite(path: Path, rng: random.Random) -> None:
    path.write_bytes(rng.randbytes(path.stat().st_size or 100))


def flip(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes() or b"\0")
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def delete(path: Path, rng: random.Random) -> None:
    path.unlink()


def put_a_folder(path: Path, rng: random.Random) -> None:
    path.unlink()
    (path / "inside").mkdir(parents=True)


def link_to_itself(path: Path, rng: random.Random) -> None:
    path.unlink()
    path.symlink_to(path.name)


def reshape(path: Path, rng: random.Random) -> None:
    path.write_text(rng.choice(SHAPES), encoding="utf-8")


def put_beside(path: Path, rng: random.Random) -> None:
    foreign = path.parent / rng.choice(FOREIGN)
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_bytes(rng.randbytes(50))


HARMS: tuple[Callable[[Path, random.Random], None], ...] = (
    halve,
    empty,
    overwrite,
    flip,
    delete,
    put_a_folder,
    link_to_itself,
    reshape,
    put_beside,
)


@pytest.fixture(scope="module")
def world(origin: Forks, undisturbed_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A cache with two finished runs, and the id of the first."""
    cache = tmp_path_factory.mktemp("world") / "cache"
    # With its stages a run takes a quarter of the time.
    shutil.copytree(undisturbed_run / "cache", cache)
    store = Store(cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_starts, "start", lambda root: None)
        run_id = jobs.start(SETTINGS, store, "the first")
    ended = origin.call(WORKER, str(store.root))
    folder = store.root / "runs" / run_id
    (folder / "out" / "names.json").write_text('{"0": "mine"}')
    assert (folder / "out" / "run.json").exists(), ended.err
    shutil.copytree(folder, store.root / "runs" / OTHER)
    return store.root, run_id


def target(root: Path, run_id: str, rng: random.Random) -> Path:
    """Return a file of the cache: of the run, of an artifact, or another one."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and OTHER not in path.parts)
    kinds = {"runs": [path for path in files if run_id in path.parts]}
    kinds["artifacts"] = [path for path in files if "artifacts" in path.parts]
    kinds["others"] = [path for path in files if not {run_id, "artifacts"} & set(path.parts)]
    return rng.choice(kinds[rng.choice(["runs", "runs", "artifacts", "others"])])


def test_damaged_files_spoil_nothing_else(
    origin: Forks, world: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, run_id = world
    expected = figures(whole / "runs" / run_id / "out", GIVEN)
    # Workers are started by the test alone.
    monkeypatch.setattr(worker_starts, "_command", lambda root: ["true"])
    monkeypatch.setattr("pages.components.shared.reader.warm_reader", lambda run: None)
    row = Row("damaged files")
    for name, rng in row.cases(few=10, all_=150):
        root = tmp_path / f"cache-{row.tried}"
        shutil.copytree(whole, root)
        path, harm = target(root, run_id, rng), rng.choice(HARMS)
        harm(path, rng)
        case = f"{name}, {harm.__name__} {path.relative_to(root)}"
        monkeypatch.setenv("FACTORSCOPE_CACHE", str(root))
        look_at_pages(row, case, run_id, rng)
        try:
            made_again(row, case, origin, Store(root), run_id, expected)
        except FactorscopeError as error:
            row.lost.append(f"{case}: it cannot be made again: {error}")
        shutil.rmtree(root)


@pytest.mark.parametrize("names", [None, '{"0": "mi', '{"0": "mine"}'])
def test_given_names_are_no_numbers_of_a_run(names: str | None, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"films": 3}')
    expected = figures(tmp_path, GIVEN)
    if names is not None:
        (tmp_path / "names.json").write_text(names)
    assert list(expected) == ["run.json"] and figures(tmp_path, GIVEN) == expected


def look_at_pages(row: Row, case: str, run_id: str, rng: random.Random) -> None:
    """Check that pages open for the damaged run, and that the other one is shown as ever.

    In a campaign these are all pages; without one, a few of them for each damage.
    """
    pages = [*((script, run_id) for script in SCRIPTS), (SCRIPTS[0], OTHER), (SCRIPTS[2], OTHER)]
    for script, run in pages if SHARE else rng.sample(pages, FEW_PAGES):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if script != "app.py":
            app.switch_page(script)
        app.query_params["run"] = run
        app.run()
        if app.exception:
            row.tracebacks.append(f"{case}: {script} of {run}: {app.exception[0].message}")
            row.tracebacks += [f"    {line}" for line in app.exception[0].stack_trace[-4:]]
        elif run == OTHER and app.error:
            row.lost.append(f"{case}: {script} of the other run: {app.error[0].value}")


def made_again(
    row: Row, case: str, origin: Forks, store: Store, run_id: str, expected: dict[str, str]
) -> None:
    """Check that the run can be made again, as a user would: repeated, or where it is gone, started anew."""
    try:
        state = jobs.status(run_id, store).state
    except BadInput:
        state = "gone"
    if state == "done":
        jobs.repeat(run_id, store)
    elif state == "gone":
        run_id = jobs.start(SETTINGS, store)
    ended = origin.call(WORKER, str(store.root))
    row.saw(case, ended.err)
    row.megabytes = max(row.megabytes, ended.megabytes)
    status = jobs.status(run_id, store)
    if status.state != "done":
        row.lost.append(f"{case}: the run is {status.state}: {status.message} {status.error}")
    elif ended.code:
        row.lost.append(f"{case}: the worker ended with {ended.code}: {ended.err[-500:]}")
    else:
        # Foreign files are left alone.
        foreign = tuple(name.split("/")[0] for name in FOREIGN)
        compare(row, case, expected, jobs.run_folder(run_id, store), GIVEN + foreign)
