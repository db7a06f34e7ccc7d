from pathlib import Path

import pytest
from jinja2 import UndefinedError
from support.pages import ROOT

from core.templates import templates_in


def test_a_template_escapes_its_texts_and_wants_each_of_its_names(tmp_path: Path) -> None:
    (tmp_path / "page.html.j2").write_text("{% if title %}\n    <b>{{ title }}</b>\n{% endif %}\n")
    page = templates_in(tmp_path).get_template("page.html.j2")
    assert page.render(title="<i>") == "    <b>&lt;i&gt;</b>\n"
    with pytest.raises(UndefinedError):
        page.render()


def test_only_one_module_sets_how_templates_are_read() -> None:
    modules = [path for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py")]
    assert [path.name for path in modules if "jinja2 import" in path.read_text()] == ["templates.py"]
