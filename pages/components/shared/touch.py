"""The first tap on a bar opens what a click opens.

Plotly looks for the bar at the place of the event that began a click, and selects what a mouse was moved over before.
The event of a finger keeps its place elsewhere, and no mouse comes before it. So plotly finds no bar at the first
tap. At the second it finds the bar under the mouse that browsers imitate after the first.
"""

import streamlit as st

FIRST_TAP = """<script>
if (!window.firstTap) {
  window.firstTap = true;
  addEventListener("touchstart", (event) => {
    if (event.touches.length !== 1 || !event.target.closest?.(".js-plotly-plot")) return;
    const { clientX, clientY } = event.touches[0];
    Object.defineProperties(event, { clientX: { value: clientX }, clientY: { value: clientY } });
    // What a click selects, plotly looks up while a mouse moves there.
    event.target.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true, view: window }));
  }, { capture: true, passive: true });
}
</script>"""


def first_tap() -> None:
    """Insert the script that gives the event of a finger a place; it is invisible."""
    st.html(FIRST_TAP, unsafe_allow_javascript=True, width="content")
