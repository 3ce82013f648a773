// <state-lab>: the playground in another page.
//
//   <script type="module" src=".../embed.js"></script>
//   <state-lab lab="first-consumer"></state-lab>
//   <state-lab><pre>apiVersion: v1 …</pre></state-lab>
//   <state-lab link="1.…"></state-lab>
const home = new URL("./", import.meta.url);

class StateLab extends HTMLElement {
  connectedCallback() {
    if (this.frame) return;
    const source = new URL("./?embed", home);
    const manifest = this.querySelector("pre")?.textContent;
    if (this.hasAttribute("link")) source.hash = "s=" + this.getAttribute("link").replace(/^.*#s=/, "");
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
      if (event.source !== frame.contentWindow || event.data?.type !== "statelab:height") return;
      const height = Number(event.data.height);
      if (!this.hasAttribute("height") && height >= 200 && height <= 2000) frame.style.height = height + "px";
    };
    window.addEventListener("message", this.listen);
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.listen);
  }
}

if (!customElements.get("state-lab")) customElements.define("state-lab", StateLab);
