"""The number of histograms that fit side by side, which only the browser knows."""

import streamlit as st

from core.figures import PANEL_WIDTH

MOST = 4
"""Most histograms side by side."""
FITTING = "panels that fit side by side"
"""Session key of the number that fitted at the browser's last report."""
_measured = st.components.v2.component(
    "factorscope_panels_that_fit",
    js="""
export default function ({ data, parentElement, setStateValue }) {
  const page = (parentElement.host ?? parentElement).closest("[data-testid=stVerticalBlock]");
  let known = data.known;
  const tell = () => {
    const fit = Math.max(1, Math.min(data.most, Math.floor(page.clientWidth / data.width)));
    if (page.clientWidth && fit !== known) setStateValue("fit", (known = fit));
  };
  const observer = new ResizeObserver(tell);
  observer.observe(page);
  return () => observer.disconnect();
}""",
)


def panels_a_row() -> int:
    """Return how many histograms fit side by side; a change of the width reruns the caller."""
    # Until the browser has measured the width of the page, go by whether it is on a phone.
    is_phone = "Mobi" in st.context.headers.get("User-Agent", "")
    fitted = st.session_state.get(FITTING, 1 if is_phone else MOST)
    measured = _measured(
        key="measured width",
        data={"known": fitted, "width": PANEL_WIDTH, "most": MOST},
        on_fit_change=lambda: None,
        height=1,
    )
    st.session_state[FITTING] = int(measured.fit or fitted)
    return int(st.session_state[FITTING])
