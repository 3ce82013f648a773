// <state-lab>: the playground in another page.
//
//   <script defer src=".../embed.js"></script>
//   <state-lab lab="first-consumer"></state-lab>
//   <state-lab><pre>apiVersion: v1 …</pre></state-lab>
//   <state-lab link="1.…"></state-lab>                 (or the whole address that Share gives)
//   <state-lab src="my.md"></state-lab>                 (a lab of your own)
//
// It is as high as what it shows, or as its attribute `height` says.
// A plain script, not a module: those load from another site only where that site allows it.
const home = new URL("./", document.currentScript.src);
const LEAST = 420, MOST = 900;

class StateLab extends HTMLElement {
  connectedCallback() {
    if (this.frame) return;
    const source = new URL("./?embed", home);
    const manifest = this.querySelector("pre")?.textContent;
    if (this.hasAttribute("link")) source.hash = "s=" + this.getAttribute("link").trim().replace(/^(.*#)?s=/, "");
    else if (this.hasAttribute("src")) source.hash = "src=" + encodeURIComponent(this.getAttribute("src"));
    else if (this.hasAttribute("lab")) source.hash = "lab=" + encodeURIComponent(this.getAttribute("lab"));
    else if (manifest) source.hash = "yaml=" + encodeURIComponent(manifest.trim() + "\n");
    const frame = document.createElement("iframe");
    frame.src = source.href;
    frame.title = this.getAttribute("title") || "StateLab: a Kubernetes cluster";
    frame.allow = "clipboard-write";
    frame.loading = "lazy";
    frame.style.cssText = "width:100%;border:1px solid #c9cfd5;border-radius:8px;height:" + (this.getAttribute("height") || "480px");
    this.frame = frame;
    const root = this.attachShadow({ mode: "open" });
    root.append(frame);
    this.listen = (event) => {
      // Any page can send a message: only this frame's own, and only a number that a height can be.
      if (event.source !== frame.contentWindow) return;
      if (event.data?.type === "statelab:ready" && this.hasAttribute("src")) this.handOver();
      if (event.data?.type !== "statelab:height") return;
      const height = event.data.height;
      if (!this.hasAttribute("height") && Number.isFinite(height)) frame.style.height = Math.min(Math.max(height, LEAST), MOST) + "px";
    };
    window.addEventListener("message", this.listen);
  }

  // The lab is fetched by this page, which may read it; the frame is told its text, or why there is none.
  async handOver() {
    const name = this.getAttribute("src");
    const told = { type: "statelab:lab", name };
    try {
      const answer = await fetch(new URL(name, document.baseURI));
      if (answer.ok) told.text = await answer.text();
      else told.fault = `${name} could not be fetched: ${answer.status} ${answer.statusText}`.trim();
    } catch (fault) {
      told.fault = `${name} could not be fetched: ${fault.message}`;
    }
    // A page opened from a file has no origin that could be named.
    this.frame.contentWindow?.postMessage(told, home.origin === "null" ? "*" : home.origin);
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.listen);
  }
}

if (!customElements.get("state-lab")) customElements.define("state-lab", StateLab);
