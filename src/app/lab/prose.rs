//! A lab's prose; commands in it can be clicked.

use crate::app::command::view_command;
use crate::app::effect::Effect;
use crate::playground::labs::{Block, Inline};
use yew::prelude::*;

/// First words by which a code span is a command that can be typed into the console.
const COMMANDS: [&str; 6] = ["kubectl", "for", "cat", "ls", "ssh", "sleep"];

/// Code that is not broken at the end of a line, in characters.
const SHORT: usize = 28;

fn is_command(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(first, _)| COMMANDS.contains(&first))
}

pub fn inlines(ask: &Callback<Effect>, text: &[Inline]) -> Html {
    let one = |inline: &Inline| match inline {
        Inline::Text(text) => html! { { text } },
        Inline::Strong(text) => html! { <strong>{ text }</strong> },
        Inline::Emphasis(text) => html! { <em>{ text }</em> },
        Inline::Link { text, address } => html! { <a href={address.clone()} target="_blank" rel="noopener">{ text }</a> },
        Inline::Code(code) if is_command(code) => view_command(ask, code),
        Inline::Code(code) => html! { <code class={(code.len() <= SHORT).then_some("short")}>{ code }</code> },
    };
    let mut html = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [inline, next @ ..] = rest {
        rest = next;
        // The comma or full stop after a command stays on its line.
        if let (Inline::Code(code), [Inline::Text(after), next @ ..]) = (inline, next)
            && is_command(code)
            && after.starts_with([',', '.', ':', ';', ')'])
        {
            rest = next;
            let (mark, after) = after.split_at(1);
            html.push(html! { <><span class="with">{ view_command(ask, code) }{ mark.to_owned() }</span>{ after.to_owned() }</> });
            continue;
        }
        html.push(one(inline));
    }
    html.into_iter().collect()
}

pub fn blocks(ask: &Callback<Effect>, prose: &[Block]) -> Html {
    let one = |block: &Block| match block {
        Block::Paragraph(text) => html! { <p>{ inlines(ask, text) }</p> },
        Block::Heading(text) => html! { <h4>{ inlines(ask, text) }</h4> },
        Block::List { items, .. } => html! { <ul>{ for items.iter().map(|item| html! { <li>{ inlines(ask, item) }</li> }) }</ul> },
        Block::Code { text } => html! { <pre>{ text }</pre> },
    };
    html! { <>{ for prose.iter().map(one) }</> }
}

/// A solution line by line to type; as one text where lines belong together.
pub fn view_solution(ask: &Callback<Effect>, lines: &[String]) -> Html {
    if lines.iter().all(|line| is_command(line)) {
        html! { <div class="solution">{ for lines.iter().map(|line| view_command(ask, line)) }</div> }
    } else {
        html! { <pre class="solution">{ lines.join("\n") }</pre> }
    }
}
