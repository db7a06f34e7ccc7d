// On a telephone: the first tap on a bar opens what a click opens, and the sidebar leaves when a page was chosen.
{
  // Plotly looks for the bar at the place of the event that began a click, and selects what a mouse was moved over
  // before. The event of a finger keeps its place elsewhere, and no mouse comes before it. So plotly finds no bar at
  // the first tap. At the second it finds the bar under the mouse that browsers imitate after the first.
  addEventListener("touchstart", (event) => {
    if (event.touches.length !== 1 || !event.target.closest?.(".js-plotly-plot")) return;
    const { clientX, clientY } = event.touches[0];
    Object.defineProperties(event, { clientX: { value: clientX }, clientY: { value: clientY } });
    // What a click selects, plotly looks up while a mouse moves there.
    event.target.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true, view: window }));
  }, { capture: true, passive: true });

  const NARROW = 768; // pixels of width below which Streamlit lays the sidebar over the page
  addEventListener("click", ({ target }) => {
    if (innerWidth >= NARROW || !target.closest?.("[data-testid=stSidebar] a")) return;
    document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  });
}
