"""The tables of a run's scores, from records whose numbers can be followed by eye."""

from support.run_records import run_record

from core.results.run_record import ChoiceOfFactors, Readability
from core.results.tables.scores import directions, labels, readers, reliability_table

SCORES = {
    "lrap": 0.8,
    "lrap_interval": [0.75, 0.85],
    "rivals": {"frequencies": {"lrap": 0.7, "lrap_gain": 0.1, "lrap_gain_interval": [0.05, 0.15]}},
}


def test_a_reader_is_shown_with_the_classifiers_gain_over_it() -> None:
    readability = run_record(readability=SCORES | {"by_film": SCORES}).readability
    assert isinstance(readability, Readability)
    table = readers(readability)
    assert table.reader.tolist()[:2] == ["the classifier", "label frequencies"]
    for unit in ("review", "film"):
        assert table[f"LRAP by {unit}"].tolist()[:2] == ["0.800 (0.750 to 0.850)", "0.700"]
        assert table[f"gain by {unit}"].tolist()[:2] == ["", "+0.100 (+0.050 to +0.150)"]


def test_only_baselines_that_were_trained_are_shown() -> None:
    readability = run_record().readability
    assert isinstance(readability, Readability)
    baselines = {"frequencies": readability.baselines["frequencies"]}
    by_film = readability.by_film.model_copy(update={"baselines": baselines})
    table = readers(readability.model_copy(update={"baselines": baselines, "by_film": by_film}))
    assert table.reader.tolist() == ["the classifier", "label frequencies"]


def test_a_label_has_both_ends_of_its_interval_and_no_column_that_was_not_measured() -> None:
    row = {"factor": 3, "average_precision": 0.4, "average_precision_interval": [0.3, 0.5], "support": 7}
    unmeasured = ("chance", "auc", "films", "tfidf_average_precision", "shuffled_average_precision")
    record = run_record(classifier={"per_label": [row | dict.fromkeys(unmeasured)]})
    table = labels(record.classifier.per_label)
    assert table.columns.tolist() == [
        "factor",
        "average_precision",
        "low",
        "high",
        "support",
        "base_rate",
        "threshold",
    ]
    assert table.iloc[0, :5].tolist() == [3, 0.4, 0.3, 0.5, 7]


def test_reliability_is_in_percent() -> None:
    row = {"predicted": 0.3, "observed": 0.25, "observed_low": 0.2, "observed_high": 0.3, "pairs": 9}
    reliability = run_record(
        classifier={"reliability": {"before": [row], "after": []}}
    ).classifier.reliability
    assert reliability is not None
    assert reliability_table(reliability).to_dict("list") == {
        "calibration": ["before"],
        "predicted (%)": [30.0],
        "true (%)": [25.0],
        "95% from": [20.0],
        "to": [30.0],
        "pairs": [9],
    }


def test_directions_up_to_the_number_of_factors_are_kept() -> None:
    choice = ChoiceOfFactors(
        factors=1,
        form="principal",
        tried=2,
        shared=[0.2, 0.1],
        null_shared=0.15,
        correlations=[0.8, 0.3],
        agreement={"principal": 0.8},
    )
    assert directions(choice).values.tolist() == [[1, 0.8, 0.2, True], [2, 0.3, 0.1, False]]
