"""Components that pages share: marked texts, plain text, uploads, and how to read the grid."""

from pathlib import Path

import pytest
from support.counted_films import COUNTS, TOPS

from core.errors import BadInput
from core.figures.grid.panels import Histograms, panels
from core.store import Store
from pages.components.data.sources import _picked
from pages.components.data.user_file import MOST_BYTES, Source
from pages.components.shared.marking.marked import marked
from pages.components.shared.show import how_to_read
from pages.components.shared.text import plain


def test_long_passages_without_a_mark_are_shown_by_their_ends() -> None:
    page = marked("a" * 900 + "word", [{"start": 900, "end": 904, "effect": 1.0}], [])
    assert f"</p>{'a' * 200} […] {'a' * 200}<mark" in page


def test_marks_tell_for_from_against_without_colour_and_stronger_from_weaker() -> None:
    moved = [
        {"start": 7, "end": 12, "effect": -0.5},
        {"start": 0, "end": 4, "effect": 1.0},
    ]
    page = marked("Good & <bad> film", moved, {"film"}).partition("</p>")[2]
    assert page == (
        '<mark class="for" style="--much: 1.00" title="+1.000">Good<sup>+</sup></mark> &amp; '
        '<mark class="against" style="--much: 0.57" title="-0.500">&lt;bad&gt;<sup>−</sup></mark> <i>film</i></div>'
    )


class Upload:
    """Stand-in for an upload of Streamlit."""

    def __init__(self, name: str, content: bytes, size: int | None = None) -> None:
        self.name, self.content, self.size = name, content, len(content) if size is None else size

    def getvalue(self) -> bytes:
        return self.content


def test_an_upload_is_kept_inside_its_folder(store: Store) -> None:
    saved = Path(Source("x", "", Upload("../../.etc/pass wd<b>.csv", b"user,film"), store).saved())
    assert saved.parents[1] == store.root / "uploads"
    assert saved.read_bytes() == b"user,film"
    assert saved.name.endswith("pass_wd_b_.csv")


def test_an_upload_that_is_too_large_and_a_missing_one_are_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="more than 200 MB"):
        Source("x", "", Upload("a.csv", b"", MOST_BYTES + 1), store).saved()
    with pytest.raises(BadInput, match="no file was chosen"):
        Source("x", "", None, store).saved()


def test_plain_text_has_no_markdown_left() -> None:
    assert plain("[a](http://b) `c`\n# d") == r"\[a\]\(http\://b\) \`c\` \# d"


def test_what_is_made_up_stands_alone() -> None:
    assert _picked(["sample"], ["sample", "lmrd"]) == ["lmrd"]
    assert _picked(["lmrd", "tmdb"], ["lmrd", "tmdb", "planted"]) == ["planted"]
    assert _picked(["lmrd", "sample"], ["sample"]) == ["sample"]


@pytest.mark.parametrize(("factors", "is_said"), [([0, 9, 2], False), ([0, 10, 2], True)])
def test_colours_are_said_to_repeat_only_where_they_do(factors: list[int], is_said: bool) -> None:
    histograms = Histograms(COUNTS.replace({"factor": dict(enumerate(factors))}), TOPS)
    assert ("Colours repeat" in how_to_read(histograms, panels(histograms))) == is_said
