"""A run that was killed within a long stage goes on with the shards that were finished."""

import hashlib
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.killed_run import TEXTS, make

from core.factors.stability.train_again import GROUPS
from core.language_model import feature_shards
from core.progress import silent
from core.shards.shards import Shards

ROOT = Path(__file__).parents[3]


def until_killed(folder: Path, stage: str, share: float) -> None:
    """Do the run in a process of its own, which kills itself within a stage."""
    command = [sys.executable, "-m", "support.killed_run", str(folder), stage, str(share)]
    done = subprocess.run(command, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", **_environment()})
    assert done.returncode == -signal.SIGKILL


def _environment() -> dict[str, str]:
    return {"OMP_NUM_THREADS": "1", "FACTORSCOPE_PRECISION": "float32"}


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of what was made of shards, and of the shards that are left."""
    return {
        f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in ("features*", "readings*", "resamples*", "classifier*")
        for path in sorted(folder.glob(f"cache/artifacts/{kind}/*.npy"))
    }


@pytest.mark.slow
def test_a_killed_run_computes_only_the_shards_that_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_shards, "TEXTS", TEXTS)
    done: list[str] = []
    do = Shards.do

    def note(shards: Any, name: str, progress: Any) -> Any:
        done.append(f"{shards.work.__name__} {name}")
        return do(shards, name, progress)

    monkeypatch.setattr(Shards, "do", note)
    make(tmp_path / "undisturbed", silent)
    count = Counter(name.split()[0] for name in done)
    assert count["read_shard"] > 3 and count["predict_shard"] > 2
    assert count["read_table"] == 2 and count["train_group"] == GROUPS

    artifacts = tmp_path / "killed" / "cache" / "artifacts"
    until_killed(tmp_path / "killed", "features", 2.5 / count["read_shard"])
    until_killed(tmp_path / "killed", "classifier", 0.75)
    assert list(artifacts.glob("features shard-*")) == []
    assert len(list(artifacts.glob("readings shard-*"))) == 1
    until_killed(tmp_path / "killed", "predictions", 1.5 / count["predict_shard"])
    assert list(artifacts.glob("readings shard-*")) == []
    assert 0 < len(list(artifacts.glob("classifier shard-*"))) < count["predict_shard"]
    until_killed(tmp_path / "killed", "stability", 0.6)
    assert list(artifacts.glob("classifier shard-*")) == []
    trained = len(list(artifacts.glob("resamples shard-*")))
    done.clear()
    make(tmp_path / "killed", silent)
    assert len(done) == GROUPS - trained < GROUPS
    assert digests(tmp_path / "killed") == digests(tmp_path / "undisturbed")
