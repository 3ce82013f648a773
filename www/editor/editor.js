// The manifest editor: CodeMirror 6 with YAML. The page works without it; it is loaded after first paint.
import { basicSetup } from "codemirror";
import { yaml } from "@codemirror/lang-yaml";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorView, keymap } from "@codemirror/view";
import { EditorState, Prec } from "@codemirror/state";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--c-key)" },
  { tag: [tags.string, tags.content], color: "var(--c-str)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--c-num)" },
  { tag: tags.comment, color: "var(--c-com)" },
]);

const theme = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--hover) 60%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--hairline)" },
});

/** Puts an editor into `box`. `onEdit` gets the text after each change by the user, `onApply` is called on Ctrl-Enter. */
export function mount(box, text, onEdit, onApply) {
  let showing = false;
  const view = new EditorView({
    parent: box,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (onApply(), true) }])),
        basicSetup,
        yaml(),
        lintGutter(),
        syntaxHighlighting(colours),
        theme,
        EditorView.contentAttributes.of({ "aria-label": "Manifest", id: "manifest" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !showing) onEdit(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    show(next) {
      if (view.state.doc.toString() === next) return;
      showing = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      showing = false;
    },
    mark(mistakes) {
      const lines = view.state.doc.lines;
      const found = mistakes.map(({ line, message }) => {
        const at = view.state.doc.line(Math.min(Math.max(line, 1), lines));
        return { from: at.from, to: at.to, severity: "error", message };
      });
      view.dispatch(setDiagnostics(view.state, found));
    },
  };
}
