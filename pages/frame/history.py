"""What a user does -> one step in the browser's history, so that Back shows the view before it.

Streamlit draws a page anew by the address that Back restores, but by itself it adds no step for a widget that is
bound to the address, and more than one where a page completes its address after it opened.
"""

import streamlit as st

ONE_STEP_EACH = """<script>
if (!window.oneStepEach) {
  window.oneStepEach = true;
  const { pushState, replaceState } = history;
  // What the user did last: something new, which makes a step; nothing, or went Back or Forward.
  let did = "nothing";
  for (const kind of ["pointerdown", "click", "keydown"]) addEventListener(kind, () => { did = "new"; }, true);
  // The page completed the address by which it was opened; Back to that one would change nothing.
  const bare = performance.getEntriesByType("navigation")[0].name;
  const completed = bare !== location.href;
  addEventListener("popstate", () => {
    did = "walked";
    if (completed && location.href === bare) history.back();
  }, true);
  history.pushState = history.replaceState = (state, title, url) => {
    const target = new URL(url ?? location, location).href;
    // Pages that are left may still be drawn when somebody walks fast, and must not change where they went.
    if (target === location.href || did === "walked") return;
    (did === "new" ? pushState : replaceState).call(history, state, title, target);
    did = "nothing";
  };
}
</script>"""


def one_step_each() -> None:
    """See to it that Back works; nothing of it can be seen."""
    st.html(ONE_STEP_EACH, unsafe_allow_javascript=True, width="content")
