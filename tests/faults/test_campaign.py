"""The campaign itself: what it does not try is skipped, and what is lost is kept."""

from pathlib import Path

import pytest

from faults import campaign
from faults.campaign import Row


@pytest.fixture(autouse=True)
def empty_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(campaign, "TABLE", [])
    monkeypatch.setattr(campaign, "LOG", tmp_path / "faults.log")
    monkeypatch.setattr(campaign, "ONLY", None)


def test_nothing_tried_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "SHARE", 0.0)
    with pytest.raises(pytest.skip.Exception, match=r"a part of make test-faults"):
        list(Row("kills").cases(few=0, all_=20))
    assert len(list(Row("kills").cases(few=2, all_=20))) == 2


def test_each_loss_is_in_the_log_once_its_case_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "SHARE", 0.1)
    row = Row("kills")
    cases = row.cases(few=0, all_=20)
    next(cases)
    row.lost.append("a stage\nof two lines")
    next(cases)
    assert campaign.LOG.read_text() == "lost: a stage\nof two lines\n"
    row.tracebacks.append("ValueError")
    with pytest.raises(AssertionError, match="ValueError"):
        next(cases)
    assert campaign.LOG.read_text() == "lost: a stage\nof two lines\nseen: ValueError\n"
