"""Settings: meanings, ranges, changes and their way through JSON."""

import json
import math
import re
from typing import Any

import pytest

from core.errors import BadSettings
from core.settings import (
    PRESETS,
    ClassifierSettings,
    FactorModelSettings,
    LanguageModelSettings,
    Phase,
    RunSettings,
    SelectionSettings,
    StabilitySettings,
    preset,
    settings_from_dict,
    with_changes,
)
from core.settings.changes import changes, flat

STAGES = {
    "factor_model": FactorModelSettings,
    "stability": StabilitySettings,
    "selection": SelectionSettings,
    "language_model": LanguageModelSettings,
    "classifier": ClassifierSettings,
}


def test_every_setting_has_its_meaning() -> None:
    for kind in (*STAGES.values(), RunSettings, Phase):
        names = set(kind.model_fields) - {"preset", *STAGES}
        assert names and all(kind.meaning(name).endswith(".") for name in names)
        sentences = [part for name in names for part in re.split(r"[.:] ", kind.meaning(name))]
        assert [part for part in sentences if len(part.split()) > 20] == []
    assert Phase.meaning("epochs") == "Passes over the labelled reviews."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("factor_model.batch_size", 0),
        ("factor_model.learning_rate", -0.1),
        ("factor_model.valid_share", 1.0),
        ("stability.stable_from", math.nan),
        ("language_model.rate", math.inf),
        ("language_model.drop_mult", 9.0),
        ("classifier.head_epochs", 0),
        ("classifier.folds", 1),
        ("classifier.phases", [{"unfrozen": 0, "epochs": 0, "rate": 0.1}]),
        ("selection.films", 1),
        ("language_model.start", "nothing"),
        ("no.setting", 1),
        ("selection.no", 1),
    ],
)
def test_nonsense_is_refused_before_any_work(name: str, value: Any) -> None:
    with pytest.raises(BadSettings):
        with_changes(preset("quick"), {name: value})


def test_the_preset_for_a_gpu_differs_from_the_article_in_batches_and_rates_alone() -> None:
    article, gpu = (flat(preset(name).model_dump()) for name in ("article", "gpu"))
    model = "language_model."
    assert {name: gpu[name] for name in gpu if gpu[name] != article[name]} == {
        "preset": "gpu",
        f"{model}batch_size": 160,
        # About the square root of 160 / 128.
        f"{model}rate": pytest.approx(1.1 * article[f"{model}rate"]),
        f"{model}frozen_rate": pytest.approx(1.1 * article[f"{model}frozen_rate"]),
    }


def test_the_predictions_of_a_step_fit_a_gpu() -> None:
    model = preset("gpu").language_model
    numbers = model.batch_size * model.sequence_length * model.vocabulary
    assert numbers < 2**31 and 4 * numbers < 3.2e9


def test_all_presets_are_in_range_and_changes_name_what_differs() -> None:
    for name in PRESETS:
        assert changes(preset(name, ratings="planted")) == {}
    settings = with_changes(preset("stable"), {"factor_model.factors": 4, "seed": 7})
    assert settings.form == "principal"
    assert changes(settings) == {
        "factor_model.factors": (4, None),
        "seed": (7, 42),
        "form": ("principal", None),
    }


@pytest.mark.parametrize("name", PRESETS)
def test_settings_come_back_from_json_as_they_were(name: str) -> None:
    settings = preset(name, exclude_factors=(0, 3), seed=7)
    assert settings_from_dict(json.loads(json.dumps(settings.model_dump()))) == settings


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (None, "settings is None"),
        ({"sed": 1}, "'sed'"),
        ({"seed": True}, "settings.seed"),
        ({"seed": "1"}, "settings.seed"),
        ({"split": ["films"]}, "settings.split"),
        ({"selection": {"exclude_factors": 5}}, "exclude_factors"),
        ({"selection": {"exclude_factors": [0.5]}}, r"exclude_factors\[0\]"),
        ({"classifier": {"phases": [{"epochs": 1}]}}, "lacks 'rate'"),
        ({"language_model": {"max_reviews": "all"}}, "max_reviews"),
    ],
)
def test_settings_of_another_kind_are_refused(data: object, named: str) -> None:
    with pytest.raises(BadSettings, match=named):
        settings_from_dict(data)


def test_a_whole_number_in_place_of_a_float_stays_one_in_the_key() -> None:
    keys = [with_changes(preset("quick"), {"factor_model.weight_decay": decay}) for decay in (1, 1.0)]
    assert [json.dumps(settings.factor_model.model_dump()["weight_decay"]) for settings in keys] == [
        "1",
        "1.0",
    ]


def test_replaced_settings_are_checked_again_also_those_of_a_stage_that_was_not() -> None:
    unchecked = SelectionSettings().model_copy(update={"films": 1})
    with pytest.raises(BadSettings, match="films is 1; choose a whole number from 2 to 10000"):
        preset("quick").replace(selection=unchecked)
    with pytest.raises(
        BadSettings, match="epochs of the factor model is 0; choose a whole number from 1 to 10,000"
    ):
        FactorModelSettings().replace(epochs=0)
    with pytest.raises(
        BadSettings, match="rate of phase 1 of the classifier is 99.0; choose a number from 1e-08"
    ):
        ClassifierSettings().replace(phases=[{"unfrozen": 0, "epochs": 1, "rate": 99.0}])


@pytest.mark.parametrize("factors", [0, 1001])
def test_a_number_of_factors_that_cannot_be_is_refused(factors: int) -> None:
    with pytest.raises(BadSettings, match=f"factors is {factors}; choose a whole number from 1 to 1000"):
        preset("quick", factors=factors)
