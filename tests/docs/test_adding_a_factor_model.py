"""The fitting method in docs/adding-a-factor-model.md works as it stands there."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from contracts.fit_method import FitMethodContract

from core.factors.models.factor_model import METHODS
from core.settings import FactorModelSettings

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-factor-model.md"


class TestLeastSquares(FitMethodContract):
    # The settings know the names of our own methods alone.
    settings = FactorModelSettings(factors=4, epochs=6).model_copy(update={"method": "least-squares"})

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def registered(cls) -> Iterator[None]:
        """The page's method under a name of its own."""
        (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        module = ModuleType("least_squares")
        exec(code, vars(module))
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "least_squares", module)
            patch.setitem(METHODS, "least-squares", "least_squares")
            yield
