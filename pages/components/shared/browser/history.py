"""One entry in the browser's history for each action of the user, so that Back shows the previous view.

Streamlit redraws a page when Back restores an address. But it adds no entry for a widget that is bound to the
address, and more than one when a page completes its address after it opened.
"""

import streamlit as st

ONE_STEP_EACH = """<script>
if (!window.oneStepEach) {
  window.oneStepEach = true;
  const { pushState, replaceState } = history;
  // What the user did last: something new, which makes a step; nothing, or went Back or Forward.
  let did = "nothing";
  // A click comes after what a tab does when it is pressed, and would count once more.
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { did = "new"; }, true);
  // Steps are marked. Others were made while the page completed the address that it was opened by (which has no
  // state at all), and to go back to them would change nothing.
  const step = { step: true };
  const bare = performance.getEntriesByType("navigation")[0].name;
  replaceState.call(history, step, "", location.href);
  addEventListener("popstate", ({ state }) => {
    did = "walked";
    if (state ? !state.step : location.href === bare) history.back();
  }, true);
  history.pushState = history.replaceState = (state, title, url) => {
    const target = new URL(url ?? location, location).href;
    // Pages that are left may still be drawn when somebody walks fast, and must not change where they went.
    if (target === location.href || did === "walked") return;
    (did === "new" ? pushState : replaceState).call(history, step, title, target);
    did = "nothing";
  };
}
</script>"""


def one_step_each() -> None:
    """Insert the script that makes Back work; it is invisible."""
    st.html(ONE_STEP_EACH, unsafe_allow_javascript=True, width="content")
