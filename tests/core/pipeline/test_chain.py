"""The whole chain on the planted world: planted factors are found from reviews of films never seen."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import roc_auc_score
from support.small_run import FEW_FITS, TINY, few_sweeps

from core.data.ratings.dataset import Ratings
from core.data.ratings.synthetic import synthetic_world
from core.errors import Cancelled, DataNotFound
from core.factors.top_factors import weights_of
from core.pipeline import chain as pipeline
from core.pipeline import data
from core.pipeline.stage import Stage
from core.progress import silent
from core.results import factor_names as naming
from core.settings import FactorModelSettings, RunSettings, preset
from core.store import Store

pytestmark = pytest.mark.slow


def settings(**changes: object) -> RunSettings:
    """All 120 planted films, four factors, and a fit that finds them."""
    quick = preset("quick", ratings="planted", reviews="planted", factors=4, top=1, films=120)
    model = FactorModelSettings(factors=4, epochs=5, batch_size=512, learning_rate=5e-2)
    return quick.replace(form="varimax", factor_model=model, stability=FEW_FITS, **changes)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chain")


@pytest.fixture(scope="module")
def run(cache: Path) -> Path:
    pipeline.run(settings(), Store(cache / "cache"), silent, cache / "run")
    return cache / "run"


def planted_auc(folder: Path) -> list[float]:
    """AUC of each predicted factor against the planted one that it matches, on held-out films.

    A factor is matched to the planted one that its weights follow.
    """
    world = synthetic_world()
    labelled = pd.read_parquet(folder / "labelled_reviews.parquet")
    held_out = labelled[labelled.held_out]
    films = pd.read_parquet(folder / "factors.parquet").set_index("film_id")
    films = films.loc[labelled.film_id.unique()]
    truth = world.labels[films.index.astype(int) - 1]
    correlation = np.corrcoef(weights_of(films).T, truth.T)[:4, 4:]
    match = dict(zip(*linear_sum_assignment(-correlation), strict=True))
    predictions = pd.read_parquet(folder / "predictions.parquet")
    table = predictions.pivot(index="review_id", columns="factor", values="probability").loc[
        held_out.review_id
    ]
    truth = world.labels[held_out.film_id.astype(int) - 1]
    return [float(roc_auc_score(truth[:, match[factor]], table[factor])) for factor in table.columns]


def test_planted_factors_are_read_from_reviews_of_unseen_films(run: Path) -> None:
    assert min(planted_auc(run)) >= 0.9
    grades = json.loads((run / "run.json").read_text())["classifier"]
    assert grades["films_held_out"] == 120 and grades["leak"].startswith("the encoder has read other texts")
    assert grades["lrap"] > 0.9 and grades["lrap_gain_interval"][0] > 0.2


def test_scrambled_reviews_tell_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data.reviews.sources.synthetic import SyntheticReviews

    honest = SyntheticReviews.reviews

    def scrambled(self: SyntheticReviews, films: pd.DataFrame, report: object) -> pd.DataFrame:
        reviews = honest(self, films, report)
        return reviews.assign(review=np.random.default_rng(6).permutation(reviews.review))

    monkeypatch.setattr(SyntheticReviews, "reviews", scrambled)
    monkeypatch.setattr(SyntheticReviews, "digest", lambda self, films: "scrambled")
    pipeline.run(settings(), Store(cache / "cache"), silent, cache / "scrambled")
    auc = planted_auc(cache / "scrambled")
    # 192 held-out reviews of 24 films: the standard error of an AUC is about 0.05.
    assert abs(float(np.mean(auc)) - 0.5) < 0.1
    found = json.loads((cache / "scrambled" / "run.json").read_text())
    assert not any(row["readable"] for row in found["readability"]["per_label"])
    assert max(share for name, share in found["placing"]["told"].items() if name != "bias") < 0.1
    grades = json.loads((cache / "scrambled" / "run.json").read_text())["classifier"]
    assert grades["lrap_gain_interval"][0] < 0.05


def test_every_file_of_the_contract_is_there_with_its_columns(run: Path) -> None:
    columns = {
        "factors": ["film_id", "title", "weight_0", "weight_1", "weight_2", "weight_3", "bias", "ratings"],
        "users": ["user_id", "weight_0", "weight_1", "weight_2", "weight_3", "bias"],
        "top_factors": ["film_id", "title", "rank", "factor", "weight"],
        "labelled_reviews": ["film_id", "title", "factors", "review", "source"],
        "predictions": ["film_id", "title", "review_id", "factor", "probability", "predicted"],
        "frequencies": ["film_id", "title", "factor", "count", "reviews"],
        "frequencies_without_dominating": ["film_id", "title", "factor", "count", "reviews"],
    }
    for name, wanted in columns.items():
        assert pd.read_parquet(run / f"{name}.parquet").columns.tolist()[: len(wanted)] == wanted, name
    record = json.loads((run / "run.json").read_text())
    assert set(record["ratings"]) >= {"name", "users", "films", "ratings"}
    assert set(record["factor_model"]) >= {"factors", "rmse_valid", "seconds"}
    assert set(record["reviews"]) >= {"source", "films_with_reviews", "reviews", "films_without"}
    grades = ("labels", "split", "lrap", "lrap_baseline", "films_held_out", "seconds")
    assert set(record["classifier"]) >= set(grades)
    assert set(record) >= {"dominating_factor", "settings", "seed", "versions"}
    assert set(record["factor_model"]["link"]) == {"offset", "squash", "scale"}
    assert record["device"] in ("cuda", "mps", "cpu")
    of_work = {each["work"]: each for each in record["devices"]}
    assert set(of_work) >= {"factor model", "classifier's head", "reading of the reviews"}
    assert all(each["device"] in ("cuda", "mps", "cpu") and each["reason"] for each in of_work.values())


def test_frequencies_follow_from_predictions(run: Path) -> None:
    predictions = pd.read_parquet(run / "predictions.parquet")
    counts = pd.read_parquet(run / "frequencies.parquet")
    assert counts["count"].sum() == predictions.predicted.sum()
    dominating = json.loads((run / "run.json").read_text())["dominating_factor"]
    assert counts.groupby("factor")["count"].sum().idxmax() == dominating
    without = pd.read_parquet(run / "frequencies_without_dominating.parquet")
    assert dominating not in set(without.factor) and len(without) == len(counts) - counts.film_id.nunique()


def test_the_report_stands_alone(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Plotly.newPlot" in page and 'src="http' not in page and "Made-up film 001" in page
    assert "Made up by Factorscope" in page and "rank_by" in page


def test_a_second_run_computes_nothing_and_gives_the_same_numbers(
    run: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.classification import classifier, head
    from core.classification.readers import counted_words, heads
    from core.factors.models import factor_model
    from core.language_model import encoder

    costly = (
        (factor_model, "train"),
        (encoder, "Encoder"),
        (head, "train_head"),
        (classifier, "train"),
        (counted_words, "CountedWords"),
        (heads, "HeadReader"),
    )
    for module, name in costly:
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("computed again"))
    pipeline.run(settings(), Store(cache / "cache"), silent, cache / "again")
    for name in ("factors", "predictions", "frequencies"):
        first, second = (pd.read_parquet(f / f"{name}.parquet") for f in (run, cache / "again"))
        pd.testing.assert_frame_equal(first, second)


def test_the_same_seed_gives_the_same_numbers_in_an_empty_cache(cache: Path) -> None:
    whole = settings()
    small = whole.replace(
        selection=whole.selection.replace(films=40),
        factor_model=whole.factor_model.replace(epochs=2),
        language_model=TINY,
    )
    first, second = (
        pipeline.run(small, Store(cache / f"empty-{i}"), silent, cache / f"small-{i}").plain() for i in (1, 2)
    )
    assert first["classifier"]["lrap"] == second["classifier"]["lrap"]
    pd.testing.assert_frame_equal(
        *(pd.read_parquet(cache / f"small-{i}" / "predictions.parquet") for i in (1, 2))
    )


def test_the_articles_split_runs_too(run: Path, cache: Path) -> None:
    result = pipeline.run(settings(split="random"), Store(cache / "cache"), silent, cache / "random").plain()
    assert result["classifier"]["split"] == "random" and result["classifier"]["reviews_held_out"] == 192


def test_a_run_that_is_stopped_leaves_no_record_and_keeps_what_it_finished(tmp_path: Path) -> None:
    seen = []

    def stop(stage: str, done: float, message: str, values: object = None) -> None:
        seen.append(stage)
        if stage == "language model" and "epoch" in message:
            raise Cancelled

    store = Store(tmp_path / "cache")
    short = settings().factor_model.replace(epochs=2)
    with pytest.raises(Cancelled):
        pipeline.run(
            settings().replace(factor_model=short, language_model=TINY), store, stop, tmp_path / "run"
        )
    assert "classifier" not in seen and not (tmp_path / "run" / "run.json").exists()
    finished = {p.name.rsplit("-", 1)[0] for p in (store.root / "artifacts").iterdir()}
    assert finished == {"factor-model", "factors", "reviews", "tokens", "words"}


def test_the_articles_full_configuration_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWD_LSTM at its full size, on two reviews a film and without the pretrained weights that need a network."""
    from core.data.reviews.sources.synthetic import SyntheticReviews

    every = SyntheticReviews.reviews
    monkeypatch.setattr(
        SyntheticReviews, "reviews", lambda *args: every(*args).groupby("film_id", sort=False).head(2)
    )
    article = preset("article", ratings="planted", reviews="planted", factors=3, top=2, films=4)
    full = article.replace(
        factor_model=article.factor_model.replace(epochs=1, batch_size=4096),
        stability=FEW_FITS,
        classifier=article.classifier.replace(folds=2),
        language_model=article.language_model.replace(
            start="nothing", frozen_epochs=0, epochs=1, max_reviews=8, batch_size=4
        ),
    )
    result = pipeline.run(full, Store(tmp_path / "cache"), silent, tmp_path / "run").plain()
    assert result["language_model"]["emb_sz"] == 400 and result["language_model"]["n_hid"] == 1152
    assert len(json.loads((tmp_path / "run" / "classifier" / "info.json").read_text())["losses"]) == 5


def test_planted_reviews_of_other_films_do_not_exist() -> None:
    from core.data.reviews.sources.synthetic import SyntheticReviews

    films = synthetic_world().ratings.films.assign(title="Another film (1999)")
    assert SyntheticReviews().reviews(films, silent).empty


@pytest.mark.parametrize("have_movielens", [True, False])
def test_the_default_is_movielens_or_else_the_planted_world_that_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch, have_movielens: bool
) -> None:
    world = synthetic_world().ratings

    def read(where: str, store: Store, report: object) -> Ratings:
        if where == "ml-100k" and not have_movielens:
            raise DataNotFound("MovieLens 100K cannot be found or fetched")
        return replace(world, name=where)

    monkeypatch.setattr(data, "read_ratings", read)
    asked = preset("quick", ratings="default", reviews="default")
    stage, ratings, missing = data.read_data(Stage(asked, store, silent))
    found = stage.settings
    if have_movielens:
        assert (found.ratings, found.reviews, missing) == ("ml-100k", "sample", None)
    else:
        assert (found.ratings, found.reviews) == ("planted", "planted")
        assert missing == "MovieLens 100K cannot be found or fetched"
    with pytest.raises(DataNotFound) if not have_movielens else contextlib.nullcontext():
        data.read_data(Stage(asked.replace(ratings="ml-100k"), store, silent))


def test_stable_finds_the_planted_factors_by_itself_and_reads_them(cache: Path) -> None:
    stable = few_sweeps(preset("stable", ratings="planted", reviews="planted", films=120))
    result = pipeline.run(stable, Store(cache / "cache"), silent, cache / "stable").plain()
    assert result["factor_model"]["factors"] == 4 and result["factor_model"]["chosen"]["factors"] == 4
    # Three repeats of few sweeps leave one of them just below the limit for some seeds.
    verdicts = [row["verdict"] for row in result["stability"]["factors"]]
    assert verdicts.count("stable") >= 3 and set(verdicts) <= {"stable", "weak"}
    assert result["classifier"]["lrap_gain_interval"][0] > 0.1
    # Reviews tell most of where films stand that were left out, and every factor is readable.
    assert min(result["placing"]["told"][f"weight_{k}"] for k in range(4)) > 0.5
    assert all(row["readable"] for row in result["readability"]["per_label"])
    # What was asked for is kept, so a run that starts from these settings chooses again.
    assert result["settings"]["factor_model"]["factors"] is None
    films = pd.read_parquet(cache / "stable" / "factors.parquet")
    assert ((films.low_0 < films.weight_0) & (films.weight_0 < films.high_0)).all()
    found = pd.read_parquet(cache / "stable" / "associations.parquet")
    # The planted world's genres are its planted factors.
    assert found[found.kind == "genre"].clear.any()


def test_a_run_on_just_these_films(run: Path, cache: Path) -> None:
    some = ("3", "4", "5", "6", "7", "8")
    few = settings().replace(selection=settings().selection.replace(only=some))
    pipeline.run(few, Store(cache / "cache"), silent, cache / "only")
    assert set(pd.read_parquet(cache / "only" / "chosen_films.parquet").film_id) == set(some)


def test_names_stay_with_their_factors_through_a_repeat(run: Path, cache: Path) -> None:
    out = cache / "named"
    pipeline.run(settings(), Store(cache / "cache"), silent, out)
    (out / "names.json").write_text('{"0": "space"}')
    pipeline.run(settings(), Store(cache / "cache"), silent, out)
    assert naming.read_names(out) == {0: "space"}
    (out / "factors.parquet").write_bytes((out / "factors.parquet").read_bytes()[:100])
    pipeline.run(settings(), Store(cache / "cache"), silent, out)
    assert naming.read_names(out) == {0: "space"} and not (out / naming.UNMATCHED).exists()


def test_the_chain_runs_on_the_real_reviews(datasets_dir: Path, lmrd_cache: Store, tmp_path: Path) -> None:
    if not (datasets_dir / "title.basics.tsv.gz").exists():
        pytest.skip(f"no title.basics.tsv.gz in {datasets_dir}")
    quick = preset("quick", ratings="ml-100k", reviews="lmrd", top=2, films=10)
    model = FactorModelSettings(factors=4, batch_size=4096, learning_rate=3e-2)
    small = quick.replace(factor_model=model, stability=FEW_FITS, language_model=TINY)
    found = pipeline.run(small, lmrd_cache, silent, tmp_path / "out").plain()["reviews"]
    assert found["films_with_reviews"] == 10 and found["reviews"] > 50
