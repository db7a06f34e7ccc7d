"""Names of factors: stored unchanged, and carried over only to a factor that ranks the films alike."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput, StorageError
from core.results import report
from core.results.factor_names import (
    LONGEST,
    MATCHES,
    UNMATCHED,
    carried_over,
    comparison,
    keep_names,
    matches,
    name_factor,
    read_names,
    write_names,
)
from core.results.report.page import NAMES as PLACE_OF_NAMES
from core.store import read_json, write_manifest

NAMES = {0: "dark thrillers", 2: "family films"}


def films(weights: np.ndarray, first: int = 0) -> pd.DataFrame:
    table = pd.DataFrame(weights, columns=[f"weight_{k}" for k in range(weights.shape[1])])
    return table.assign(title=[f"Film {i}" for i in range(first, first + len(weights))])


@pytest.fixture
def weights() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(60, 3))


def test_names_are_kept_replaced_and_taken_away(tmp_path: Path) -> None:
    assert read_names(tmp_path) == {}
    name_factor(tmp_path, 3, "dark thrillers")
    name_factor(tmp_path, 0, "family")
    assert read_names(tmp_path) == {0: "family", 3: "dark thrillers"}
    assert name_factor(tmp_path, 3, "  ") == {0: "family"}
    assert read_names(tmp_path) == {0: "family"}
    assert [path.name for path in tmp_path.iterdir()] == ["names.json"]


def test_a_name_is_one_short_line_of_text(tmp_path: Path) -> None:
    name_factor(tmp_path, 0, "  dark\n\x00 \u202ethrillers \ud800")
    name_factor(tmp_path, 1, "é" * (LONGEST + 40))
    assert read_names(tmp_path) == {0: "dark thrillers", 1: "é" * LONGEST}


DAMAGED = [
    "{",
    "[1]",
    '{"x": "a"}',
    '{"1": 5}',
    "\xff",
    '{"1": ["a", "b"]}',
    '{"1": {"a": 1}}',
    '{"-1": "a"}',
]
DAMAGED += ['{"%s": "a"}' % ("9" * digits) for digits in (30, 5_000)]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text(content, encoding="latin-1")
    with pytest.raises(BadInput, match="names.json cannot be read"):
        read_names(tmp_path)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_names(tmp_path, dict.fromkeys(range(1000), "\U0001f3ac" * LONGEST))
    assert len(read_names(tmp_path)) == 1000
    with (tmp_path / "names.json").open("ab") as file:
        file.truncate(100_000_000)
    monkeypatch.setattr("core.results.factor_names.read_json", lambda path: pytest.fail("it was read"))
    with pytest.raises(BadInput, match="names.json cannot be read"):
        read_names(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise PermissionError(13, "denied", str(tmp_path))

    monkeypatch.setattr("core.results.factor_names.write_json", full)
    with pytest.raises(StorageError, match="cannot be written"):
        write_names(tmp_path, NAMES)


def test_names_move_with_their_factors_to_another_order(weights: np.ndarray) -> None:
    moved = carried_over(NAMES, films(weights), films(weights[:, [2, 0, 1]]))
    assert moved == {0: (1, pytest.approx(1)), 2: (0, pytest.approx(1))}


def test_a_name_does_not_move_to_an_upside_down_factor(weights: np.ndarray) -> None:
    flipped = weights * [-1, 1, 1]
    assert matches(films(weights), films(flipped))[0] == (0, pytest.approx(-1))
    assert set(carried_over(NAMES, films(weights), films(flipped))) == {2}


def test_a_repeated_run_keeps_the_names_of_the_factors_that_it_still_has(
    weights: np.ndarray, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    repeated = films(weights[:, ::-1] * [1, 1, -1])
    keep_names(old, new, repeated)
    write_names(old, {0: "upside down now", 2: "dark"})
    films(weights).to_parquet(old / "factors.parquet")
    keep_names(old, new, repeated)
    assert read_names(new) == {0: "dark"}
    assert read_json(new / UNMATCHED) == {"0": "upside down now"}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, change, Path.unlink])
def test_names_outlive_damaged_factors_that_are_made_again(
    damage: Callable[[Path], object], weights: np.ndarray, tmp_path: Path
) -> None:
    for name, made in {"old": weights, "again": weights, "other": -weights}.items():
        (tmp_path / name).mkdir()
        films(made).to_parquet(tmp_path / name / "factors.parquet")
        write_manifest(tmp_path / name)
    write_names(tmp_path / "old", NAMES)
    damage(tmp_path / "old" / "factors.parquet")
    keep_names(tmp_path / "old", tmp_path / "again", films(weights))
    assert read_names(tmp_path / "again") == NAMES and not (tmp_path / "again" / UNMATCHED).exists()
    # Of other factors nobody knows whether they are the same.
    keep_names(tmp_path / "old", tmp_path / "other", films(-weights))
    assert read_names(tmp_path / "other") == {}
    assert list(read_json(tmp_path / "other" / UNMATCHED).values()) == list(NAMES.values())


def test_names_outlive_a_damaged_manifest(weights: np.ndarray, tmp_path: Path) -> None:
    for name in ("old", "again"):
        (tmp_path / name).mkdir()
        films(weights).to_parquet(tmp_path / name / "factors.parquet")
    write_manifest(tmp_path / "again")
    write_names(tmp_path / "old", NAMES)
    (tmp_path / "old" / "manifest.json").mkdir()
    keep_names(tmp_path / "old", tmp_path / "again", films(weights))
    assert read_names(tmp_path / "again") == NAMES and not (tmp_path / "again" / UNMATCHED).exists()


def test_a_title_that_a_run_has_twice_counts_once(weights: np.ndarray) -> None:
    doubled = films(weights)
    doubled.loc[1, "title"] = "Film 0"
    assert {old: new for old, (new, _) in matches(doubled, films(weights)).items()} == {0: 0, 1: 1, 2: 2}


def test_no_name_moves_where_the_factors_were_rotated(weights: np.ndarray) -> None:
    c = np.sqrt(0.5)
    turned = weights @ np.array([[c, 0, c], [0, 1, 0], [-c, 0, c]])
    found = matches(films(weights), films(turned))
    assert abs(found[0][1]) < MATCHES and abs(found[2][1]) < MATCHES
    assert carried_over(NAMES, films(weights), films(turned)) == {}


def test_no_name_moves_to_another_model(weights: np.ndarray) -> None:
    other = np.random.default_rng(1).normal(size=(60, 5))
    assert carried_over(NAMES, films(weights), films(other)) == {}


def test_a_little_noise_more_factors_and_other_films_do_not_keep_a_name_from_moving(
    weights: np.ndarray,
) -> None:
    rng = np.random.default_rng(2)
    later = np.column_stack([rng.normal(size=(60, 2)), weights + rng.normal(0, 0.2, (60, 3))])
    moved = carried_over(NAMES, films(weights), films(later[20:], first=20))
    assert {old: new for old, (new, _) in moved.items()} == {0: 2, 2: 4}


def test_too_few_common_films_and_constant_factors_match_nothing(weights: np.ndarray) -> None:
    assert carried_over(NAMES, films(weights), films(weights[41:], first=41)) == {}
    assert carried_over(NAMES, films(weights * 0), films(weights)) == {}


def test_what_has_no_match_is_shown_as_staying_behind() -> None:
    shown = comparison(NAMES, {0: (1, 0.95)}, {0})
    assert shown["the same"].tolist() == [True, False]
    assert shown["correlation"].isna().tolist() == [False, True]


BITES = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("place", [PLACE_OF_NAMES, ""])
def test_a_report_of_any_age_bears_the_names_escaped(place: str) -> None:
    page = f"<body><h1>Factorscope report</h1><p>about</p>{place}<h2>Films</h2></body>"
    named = report.with_names(page, {2: BITES, 0: "dark & sad"})
    assert "<li>factor 0: dark &amp; sad</li><li>factor 2: &lt;img src=x" in named
    assert "<img" not in named
    before, after = named.split("<ul>")[0], named.split("</ul>")[1]
    assert "<h1>Factorscope report</h1>" in before and after.endswith("<h2>Films</h2></body>")


def test_a_report_without_names_stays_as_it_is() -> None:
    assert report.with_names("<h1>Factorscope report</h1>", {}) == "<h1>Factorscope report</h1>"
