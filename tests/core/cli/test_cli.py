"""The command line as a process: exit codes, one line for people, one document for programs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from support.command_line import ROOT, forked, fresh

# Most of them start a process of the command line.
pytestmark = pytest.mark.slow

PLANTED = "--ratings planted --reviews planted --factors 6 --top 2 --films 12".split()


def call(cache: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return forked(os.environ | {"FACTORSCOPE_CACHE": str(cache)} | environment, *words)


def plain(cache: Path) -> dict[str, str]:
    """Return an environment of a terminal that shows ASCII alone."""
    return os.environ | {"FACTORSCOPE_CACHE": str(cache), "PYTHONIOENCODING": "ascii"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def run(small_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run on synthetic data."""
    return Path(shutil.copytree(small_run, tmp_path_factory.mktemp("cli") / "run"))


def test_a_run_prints_its_record_or_sentences_and_nothing_of_the_libraries(tmp_path: Path) -> None:
    done = fresh(plain(tmp_path), "run", *PLANTED, "--out", str(tmp_path / "run"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reviews"]["films_with_reviews"] == 12
    assert "classifier" in done.stderr and "Warning" not in done.stderr
    # A repeat replaces the run, and the names of its factors live on.
    names = '{\n  "0": "mine",\n  "5": "yours"\n}\n'
    (tmp_path / "run" / "names.json").write_text(names)
    done = fresh(plain(tmp_path), "run", *PLANTED, "--out", str(tmp_path / "run"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run" / "names.json").read_text() == names
    assert not (tmp_path / "run" / "names_unmatched.json").exists()
    assert "Factor model: 6 factors, RMSE" in done.stdout and "label frequencies alone" in done.stdout


def test_predict_gives_every_label_beside_its_base_rate(cache: Path, run: Path) -> None:
    asked = ("predict", "--run", str(run), "--text", "A rocket to an alien planet.", "--json")
    document = json.loads(fresh(plain(cache), *asked).stdout)
    answer = document["answers"][0]
    labels = json.loads((run / "run.json").read_text())["classifier"]["labels"]
    assert sorted(row["factor"] for row in answer["factors"]) == labels
    assert all(0 <= row["probability"] <= 1 and 0 <= row["base_rate"] <= 1 for row in answer["factors"])
    assert len(document["film"]["factors"]) == 4 and len(document["film"]["nearest"]) == 10
    assert all(row["low"] < row["value"] < row["high"] for row in document["film"]["factors"])


def test_predict_reads_a_file_with_a_review_a_line(cache: Path, run: Path, tmp_path: Path) -> None:
    file = tmp_path / "reviews.txt"
    file.write_text("A ghost in the cellar.\n\nA joke and a laugh 🎬.\n", encoding="utf-8")
    done = call(cache, "predict", "--run", str(run), "--file", str(file), "--json")
    assert len(json.loads(done.stdout)["answers"]) == 2
    assert "base rate" in call(cache, "predict", "--run", str(run), "--file", str(file)).stdout


def test_predict_says_that_a_table_is_of_several_films_and_reads_one(
    cache: Path, run: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    texts = ["A rocket lands.", "A ghost haunts.", "The alien sings.", "A rocket lands."]
    file.write_text(
        "title,review\n" + "".join(f"{film},{text}\n" for film, text in zip("ABAB", texts, strict=True))
    )
    whole = ("predict", "--run", str(run), "--file", str(file), "--json")
    said = json.loads(call(cache, *whole).stdout)
    film = said["film"]
    # Each row is answered, in the order of the file; a text told again counts once for the film.
    assert [answer["read"] for answer in said["answers"]] == texts
    assert (
        film["reviews"] == 3 and film["again"] == 1 and film["thin"][0].startswith("The file names 2 films")
    )
    once = json.loads(call(cache, *whole, "--film", "A").stdout)["film"]
    assert film["reading"] != once["reading"]
    film = json.loads(call(cache, *whole, "--film", "A").stdout)["film"]
    assert film["reviews"] == 2 and not any("names 2 films" in line for line in film["thin"])
    done = call(cache, *whole, "--film", "C")
    assert done.returncode == 2 and "no review of a film 'C'" in done.stderr
    (tmp_path / "mine.txt").write_text("A rocket.")
    done = call(cache, "predict", "--run", str(run), "--file", str(tmp_path / "mine.txt"), "--film", "A")
    assert done.returncode == 2 and "names no films" in done.stderr
    done = call(cache, "predict", "--run", str(run), "--text", "A rocket.", "--film", "A")
    assert done.returncode == 2 and "--film picks a film of a --file" in done.stderr


def test_evaluate_repeats_the_grades(cache: Path, run: Path) -> None:
    grades = json.loads(call(cache, "evaluate", "--run", str(run), "--json").stdout)["classifier"]
    assert grades == json.loads((run / "run.json").read_text())["classifier"]


def test_a_run_is_read_whatever_the_cache_is_like(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for cache in (tmp_path / "file", tmp_path / "file" / "below"):
        for words in (("evaluate",), ("describe",), ("predict", "--text", "A rocket to an alien planet.")):
            done = call(cache, *words, "--run", str(run))
            assert done.returncode == 0, done.stderr
        done = call(cache, "sources")
        assert done.returncode == 2 and "cannot be made a folder; set FACTORSCOPE_CACHE to" in done.stderr


def test_a_run_on_a_read_only_disk_is_read(run: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a disk")
    try:
        shutil.copytree(run, disk / "run")
        (disk / "cache").mkdir()
        subprocess.run([*mount[:1], "-o", "remount,ro", str(disk)], check=True)
        for words in (("evaluate",), ("describe",), ("predict", "--text", "A rocket to an alien planet.")):
            done = call(disk / "cache", *words, "--run", str(disk / "run"))
            assert done.returncode == 0, done.stderr
        done = call(disk / "cache", "sources")
        assert done.returncode == 2 and "cannot be written; set FACTORSCOPE_CACHE to" in done.stderr
        done = call(tmp_path, "run", *PLANTED, "--out", str(disk / "run"))
        assert done.returncode == 2 and "give --out another folder" in done.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_describe_says_what_each_factor_means(cache: Path, run: Path) -> None:
    (row,) = json.loads(call(cache, "describe", "--run", str(run), "--factor", "1", "--json").stdout)[
        "factors"
    ]
    assert row["factor"] == 1 and row["suggested"] and row["verdict"] in ("solid", "shaky", "chance")
    assert len(row["high"]["films"]) == len(row["low"]["films"]) == 5
    assert set(row["high"]["words"][0]) >= {"word", "effect", "low", "high", "certain", "films"}
    text = call(cache, "describe", "--run", str(run)).stdout
    *factors, last = text.strip().split("\n\n")
    assert [len(block.splitlines()) for block in factors] == [5] * 4
    assert "brackets" in last.splitlines()[0] and "processor" in last.splitlines()[1]
    done = call(cache, "describe", "--run", str(run), "--factor", "9")
    assert done.returncode == 2 and "there is no factor 9" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--out", "OUT", "--top", "0"), "top is 0; choose a whole number from 1 to 50"),
        (("run", "--out", "OUT", "--rank-by", "50"), "rank-by is 50; choose a whole number from 0 to 49"),
        (("run", "--out", "OUT", "--films", "1"), "films is 1; choose a whole number from 2"),
        (("run", "--out", "OUT", "--exclude-factor", "-1"), "exclude-factor is -1; choose"),
        (("run", "--out", "OUT", "--factors", "0"), "factors is 0; choose a whole number from"),
        (("run", "--out", "OUT", "--factors", "many"), "invalid int value: 'many'"),
        (("run", "--out", "OUT", "--preset", "best"), "'best' is not one of"),
        (("run", "--out", "OUT", "--ratings", "nowhere.csv"), "no ratings at 'nowhere.csv'"),
        (
            ("run", "--out", "OUT", "--ratings", "planted", "--reviews", "nowhere.csv"),
            "no reviews at 'nowhere.csv'",
        ),
        (
            ("run", "--out", "OUT", "--ratings", "planted", "--factors", "200"),
            "choose fewer factors than films",
        ),
        (("run", "--out", __file__), "cannot be made a folder"),
        (("run", "--out", "OUT", "--device", "cuda"), "this machine has no GPU that torch can use; choose"),
        (("train-language-model", "--out", "OUT", "--device", "cuda"), "has no GPU that torch can use"),
        (("run",), "--out"),
        (("fetch", "netflix"), "netflix"),
        (("predict", "--run", "OUT", "--text", "words"), "holds no finished run"),
        (("evaluate", "--run", "OUT"), "holds no finished run"),
        (("describe", "--run", "OUT"), "holds no finished run"),
        (("nonsense",), "No such command 'nonsense'"),
        ((), "VERB"),
    ],
)
def test_what_the_user_can_mend_is_one_line_and_exit_2(
    cache: Path, tmp_path: Path, arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    done = call(cache, *(a.replace("OUT", str(tmp_path / "out")) if a == "OUT" else a for a in arguments))
    lines = [line for line in done.stderr.splitlines() if " 0%  " not in line and "100%" not in line]
    assert done.returncode == 2, done.stderr
    assert said in lines[-1] and "Traceback" not in done.stderr and done.stdout == ""


def test_an_empty_text_is_refused(cache: Path, run: Path) -> None:
    script = call(cache, "predict", "--run", str(run), "--text", "<script>alert(1)</script>")
    assert script.returncode == 2 and "no words in the text" in script.stderr
    done = call(cache, "predict", "--run", str(run), "--text", " \n ")
    assert done.returncode == 2 and "no words in the text" in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        "<b>alert</b>(1)",
        "Ein schöner Film über Liebe.",
        "A bell\x07 and a hero who comes\x00 home, late but not too late.",
    ],
)
def test_odd_texts_are_answered(cache: Path, run: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.txt"
    file.write_text(text, encoding="utf-8")
    done = call(cache, "predict", "--run", str(run), "--file", str(file), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answers"][0]["unknown_share"] <= 1


def test_texts_that_are_binary_or_empty_are_refused(cache: Path, run: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.txt"
    file.write_bytes(bytes(range(256)))
    assert "is not a text but" in call(cache, "predict", "--run", str(run), "--file", str(file)).stderr
    file.write_bytes(b"\n \n")
    assert "holds no text" in call(cache, "predict", "--run", str(run), "--file", str(file)).stderr


def test_a_damaged_classifier_is_said_so(cache: Path, run: Path) -> None:
    weights = run / "classifier" / "classifier.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:1000])
    done = call(cache, "predict", "--run", str(run), "--text", "words")
    weights.write_bytes(whole)
    assert done.returncode == 2 and "missing or damaged" in done.stderr and "Traceback" not in done.stderr


def test_a_damaged_run_is_told_in_one_line(cache: Path, run: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    (broken / "users.parquet").write_text("no table")
    done = call(cache, "predict", "--run", str(broken), "--text", "words")
    assert done.returncode == 2 and "users.parquet is damaged; make the run again" in done.stderr


def test_a_fault_of_ours_is_one_line_and_exit_1(cache: Path, run: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    pd.DataFrame({"unheard of": [1]}).to_parquet(broken / "users.parquet")
    done = call(cache, "predict", "--run", str(broken), "--text", "words")
    assert done.returncode == 1 and "a fault of ours" in done.stderr and "Traceback" not in done.stderr


def test_a_folder_with_other_things_is_left_alone(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "classifier").mkdir()
    (tmp_path / "classifier" / "thesis.txt").write_text("mine")
    done = call(cache, "run", "--ratings", "planted", "--reviews", "planted", "--out", str(tmp_path))
    assert done.returncode == 2 and "holds other things" in done.stderr
    assert (tmp_path / "classifier" / "thesis.txt").read_text() == "mine"


def test_a_mistyped_repeat_leaves_the_finished_run(cache: Path, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    shutil.copytree(run, out)
    (out / "names.json").write_text('{"0": "mine"}')
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    done = call(cache, "run", "--ratings", "no-such-file.csv", "--reviews", "planted", "--out", str(out))
    assert done.returncode == 2 and "there are no ratings at" in done.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_a_reader_that_hangs_up_sees_no_traceback(cache: Path, run: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m core evaluate --run {run} --json | true"],
        cwd=ROOT,
        env=os.environ | {"FACTORSCOPE_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Traceback" not in done.stderr


def test_the_article_says_that_its_weights_cannot_be_had(cache: Path, tmp_path: Path) -> None:
    planted = ("--ratings", "planted", "--reviews", "planted", "--preset", "article")
    dead = "http://127.0.0.1:9"
    out = str(tmp_path / "lm")
    done = call(cache, "train-language-model", *planted, "--out", out, https_proxy=dead, HTTPS_PROXY=dead)
    assert done.returncode == 2 and "WikiText-103 cannot be found or fetched" in done.stderr


def test_importing_core_is_quick_in_what_it_loads() -> None:
    """The pages import these; torch and fastai would cost each start some seconds."""
    modules = (
        "core.jobs, core.figures, core.inference.predict, core.data.ratings.dataset, core.data.reviews.registry, "
        "core.pipeline.chain, core.results.report"
    )
    code = f"import sys, {modules}; print([m for m in ('torch', 'fastai', 'dbos', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
