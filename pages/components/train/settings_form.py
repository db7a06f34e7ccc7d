"""The settings of a new run as a form: a preset with changes, in the session and in the address.

Changes are stored by the full name of a setting, such as `selection.top`, and by preset. Widgets only show
and change them, so a setting may have two widgets, and a link or an older run can fill the form.
"""

import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.errors import BadSettings
from core.settings import RunSettings, preset, settings_from_dict, with_changes
from core.settings.changes import changes, flat, label_of, plain_lists, preset_of, text_of
from core.settings.presets import SMALL_CLASSIFIER, UNFREEZING
from pages.components.data.sources import RATINGS, REVIEWS, can_be_picked, offer
from pages.components.shared.browser.address import keep
from pages.components.shared.text import plain, sentence

NOTHING = "none"
"""In the address: no changes to the preset."""
DATA = {"ratings": ("Ratings", RATINGS), "reviews": ("Reviews", REVIEWS)}


def same(value: Any) -> Any:
    """Return the value as it is."""
    return value


class Form:
    """The settings of one preset, with changes."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.defaults = flat(preset(kind).model_dump())
        """The preset's settings by full name."""
        self.changed: dict[str, Any] = st.session_state.setdefault(_place(kind), {})
        self._from_address()

    def value(self, name: str) -> Any:
        """Return the current value of a setting."""
        return self.changed.get(name, self.defaults[name])

    def change(self, name: str, value: Any) -> None:
        """Set a setting; the preset's value counts as no change."""
        if plain_lists(value) == plain_lists(self.defaults[name]):
            self.changed.pop(name, None)
        else:
            self.changed[name] = value
        self._to_address()

    def back(self, *names: str) -> None:
        """Reset settings to the preset's values."""
        for name in names:
            self.changed.pop(name, None)
        self._to_address()

    def settings(self, **data: Any) -> RunSettings:
        """Return the settings of the run. Raise BadSettings if one is out of range."""
        return with_changes(preset(self.kind), self.changed | data)

    def bound(
        self, name: str, key: str, shown: Callable[[Any], Any] = same, taken: Callable[[Any], Any] = same
    ) -> dict[str, Any]:
        """Return `key` and `on_change` of a widget that shows a setting and changes it.

        `shown` converts the setting to the value of the widget, `taken` converts it back.
        """
        # Set on each draw, so that all widgets of a setting agree, also one that was not drawn before.
        st.session_state[key] = shown(self.value(name))
        return {"key": key, "on_change": lambda: self.change(name, taken(st.session_state[key]))}

    def form(self, value: str | None) -> str | None:
        """Return the form that the run will use: with a fixed number of factors, none is chosen later."""
        return "principal" if value is None and self.value("factor_model.factors") is not None else value

    def unfreezing(self, key: str) -> dict[str, Any]:
        """Return `key` and `on_change` of the switch that trains the encoder too."""
        st.session_state[key] = bool(self.value("classifier.phases"))
        return {"key": key, "on_change": lambda: self._unfreeze(st.session_state[key])}

    def _unfreeze(self, on: bool) -> None:
        settings = flat({"classifier": (UNFREEZING if on else SMALL_CLASSIFIER).model_dump()})
        for name in ("batch_size", "max_length", "phases", "head_first"):
            full = f"classifier.{name}"
            default = self.defaults[full]
            # If the preset already trains, or does not train, the encoder as asked, restore its own values.
            self.change(full, default if bool(self.defaults["classifier.phases"]) == on else settings[full])

    def show_changes(self) -> None:
        """Draw each changed setting as a button that resets it."""
        if not self.changed:
            return
        with st.container(horizontal=True, vertical_alignment="center", key="changes"):
            st.markdown("**Changed from the preset:**", width="content")
            for name, value in list(self.changed.items()):
                st.button(
                    plain(f"{label_of(name)} {_short(value)}, preset {_short(self.defaults[name])}"),
                    key=f"back to the preset {name}",
                    icon=":material/undo:",
                    type="tertiary",
                    on_click=self.back,
                    args=(name,),
                    help="Back to the preset's own",
                )
            st.button(
                "All back to the preset's own",
                key="all back",
                icon=":material/restart_alt:",
                on_click=self.back,
                args=tuple(self.changed),
            )

    def _from_address(self) -> None:
        """Read the changes from the address, if they differ from those last written there."""
        text = st.query_params.get("changed")
        if text is not None and text != st.session_state.get("changes written"):
            try:
                wanted = {} if text == NOTHING else json.loads(text)
                with_changes(preset(self.kind), wanted)
            except (ValueError, AttributeError, RecursionError, BadSettings) as error:
                why = sentence(str(error)) if isinstance(error, BadSettings) else ""
                st.warning(
                    plain(f"The settings in the link cannot be used. The preset's own are taken. {why}")
                )
            else:
                self.changed.clear()
                self.changed |= {name: value for name, value in wanted.items() if name in self.defaults}
        self._to_address()

    def _to_address(self) -> None:
        text = json.dumps(self.changed, separators=(",", ":")) if self.changed else NOTHING
        st.session_state["changes written"] = st.query_params["changed"] = text


def source_in_address(name: str) -> None:
    """Read the picked source from the address, and write it there; a user's file only as “own file”."""
    label, choices = DATA[name]
    written = st.query_params.get(name)
    if written is not None and written != st.session_state.get(f"{name} written"):
        if can_be_picked(choices, written):
            st.session_state[f"{label} source"] = written
        else:
            st.warning(plain(f"“{written[:40]}” in the link is not a source of {name}. Choose one below."))
    now = st.session_state.get(f"{label} source", next(iter(choices)))
    st.session_state[f"{name} written"] = st.query_params[name] = now


def take_over(saved: Mapping[str, Any]) -> None:
    """Fill the form with the settings of a run. Raise BadSettings if they cannot be read."""
    settings = settings_from_dict(dict(saved))
    kind = preset_of(settings)
    st.session_state[_place(kind)] = {name: value for name, (value, _) in changes(settings).items()}
    keep("preset", kind)
    st.session_state["changes written"] = None
    st.query_params.pop("changed", None)
    for name, (label, choices) in DATA.items():
        offer(label, choices, getattr(settings, name))


def _short(value: Any) -> str:
    return textwrap.shorten(text_of(value), 40, placeholder="…")


def _place(kind: str) -> str:
    return f"changes of {kind}"
