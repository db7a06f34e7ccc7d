// The page's font in a picture that a chart's toolbar saves.
//
// A browser draws the picture from an SVG alone, without the fonts of the page, so its texts would not fit the places
// that plotly measured for them. Here the font is put into the SVG before plotly writes it.
{
  const FONT = "Source Sans"; // the font of the page, which Streamlit serves
  let font;
  const read = async () => {
    const isOurs = ({ style }) => style?.src && style.fontFamily.includes(FONT) && style.fontStyle !== "italic";
    const rule = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).find(isOurs);
    const address = new URL(rule.style.src.match(/url\("?([^")]+)/)[1], rule.parentStyleSheet.href ?? location);
    const file = await (await fetch(address)).blob();
    const reader = new FileReader();
    await new Promise((done) => {
      reader.onload = done;
      reader.readAsDataURL(file);
    });
    return `@font-face { font-family: "${FONT}"; font-weight: 100 900; src: url(${reader.result}) }`;
  };
  const { serializeToString } = XMLSerializer.prototype;
  XMLSerializer.prototype.serializeToString = function (node) {
    if (font && node.classList?.contains("main-svg")) {
      const style = document.createElementNS(node.namespaceURI, "style");
      style.textContent = font;
      node.prepend(style);
    }
    return serializeToString.call(this, node);
  };
  // The first click waits for the font, and is made again.
  addEventListener("click", async (event) => {
    const button = event.target.closest?.(".modebar-btn[data-title^=Download]");
    if (!button || font !== undefined) return;
    event.stopImmediatePropagation();
    font = await read().catch(() => "");
    button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  }, true);
}
