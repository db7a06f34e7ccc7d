// One entry in the browser's history for each action of the user, so that Back shows the previous view.
//
// Streamlit redraws a page when Back restores an address. But it adds no entry for a widget that is bound to the
// address, and more than one when a page completes its address after it opened. Each of these costs the browser
// milliseconds, so those that follow each other at once become one.
{
  const { pushState, replaceState } = history;
  const AT_ONCE = 20; // milliseconds
  // Steps are marked. Others were made while the page completed the address that it was opened by (which has no
  // state at all), and to go back to them would change nothing.
  const step = { step: true };
  const opened = performance.getEntriesByType("navigation")[0].name;
  // What the user did last: something new, which makes a step; nothing, or went Back or Forward.
  let did = "nothing";
  let wanted = null, timer;
  const go = () => {
    clearTimeout(timer);
    if (wanted !== null && wanted !== location.href) {
      (did === "new" ? pushState : replaceState).call(history, step, "", wanted);
      did = "nothing";
    }
    wanted = null;
  };
  // A click comes after what a tab does when it is pressed, and would count once more.
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, () => {
      go();
      did = "new";
    }, true);
  }
  replaceState.call(history, step, "", location.href);
  addEventListener("popstate", ({ state }) => {
    [did, wanted] = ["walked", null];
    if (state ? !state.step : location.href === opened) history.back();
  }, true);
  history.pushState = history.replaceState = (state, title, url) => {
    // Pages that are left may still be drawn when somebody walks fast, and must not change where they went.
    if (did === "walked") return;
    const target = new URL(url ?? location, location);
    clearTimeout(timer);
    wanted = target.href;
    // Streamlit reads from the address what the user picked, and which page is shown.
    if (did === "new" || target.pathname !== location.pathname) go();
    else timer = setTimeout(go, AT_ONCE);
  };
}
