//! The picture as buttons over a drawing of lanes and lines.

use super::lines::{Chosen, view_line, view_pin};
use super::{Msg, PicturePane};
use crate::app::effect::{Effect, Link, on_escape};
use crate::app::icons::{health_class, icon, shape};
use crate::playground::files::FileTile;
use crate::playground::layout::{Card, Lane, What};
use crate::playground::picture::{Health, Item};
use crate::playground::share::Live;
use crate::values::object::ObjectKey;
use yew::prelude::*;

fn place(x: i32, y: i32, width: i32, height: i32) -> String {
    format!("left:{x}px;top:{y}px;width:{width}px;height:{height}px")
}

/// What the pane is drawn from.
pub struct View<'a> {
    pub pane: &'a PicturePane,
    pub live: &'a Live,
    /// The object whose details are open, and which of its files.
    pub selected: Option<&'a ObjectKey>,
    pub file: Option<&'a str>,
    pub link: Link<Msg>,
}

impl View<'_> {
    /// The pane; `below` stands below the picture.
    pub fn view(&self, below: Html) -> Html {
        let (picture, scene) = (&self.pane.picture, &self.pane.scene);
        let empty = picture.pods.is_empty() && picture.claims.is_empty() && picture.volumes.is_empty() && picture.owners.is_empty();
        let selected = scene.cards.iter().find(|card| self.selected.is_some() && self.key_of(card) == self.selected);
        let pointed = self.pane.hover.as_ref().map(|(key, _)| key).or(self.selected);
        let chosen = Chosen {
            chain: selected.and_then(|card| card.chain),
            owner: picture.owners.iter().position(|item| Some(&item.key) == self.selected),
            service: picture.services.iter().position(|item| Some(&item.key) == pointed),
        };
        html! {
            <section class="pane cluster" aria-label="Cluster" onkeydown={on_escape(self.link.asks(), || Effect::Select(None))}>
                <div class="head" data-arrows="">
                    <h2>{ "Cluster" }</h2>
                    <span class="grow"></span>
                    { for picture.services.iter().map(|item| self.view_chip(item, "service")) }
                    { for picture.classes.iter().map(|item| self.view_chip(item, "cluster")) }
                </div>
                <div class="canvas" id="canvas">
                    <div class="scene" role="group" aria-label="Objects" aria-description="The arrow keys walk from one to the next, Enter opens one." data-arrows="" style={format!("width:{}px;height:{}px", scene.width, scene.height)}>
                        { for scene.lanes.iter().map(|lane| self.view_lane(lane)) }
                        <svg class="lines" width={scene.width.to_string()} height={scene.height.to_string()} aria-hidden="true">
                            { for scene.lines.iter().map(|line| view_line(line, chosen.holds(line))) }
                        </svg>
                        { for scene.lines.iter().filter_map(view_pin) }
                        { for scene.labels.iter().map(|(name, y)| html! { <span class="layer dim small" style={format!("top:{y}px")}>{ *name }</span> }) }
                        { for scene.cards.iter().map(|card| self.view_card(card)) }
                    </div>
                    if empty { { self.view_empty() } }
                </div>
                { below }
            </section>
        }
    }

    /// What a card is a button for.
    fn key_of(&self, card: &Card) -> Option<&ObjectKey> {
        let picture = &self.pane.picture;
        Some(match card.what {
            What::Owner(index) => &picture.owners[index].key,
            What::Pod(index) => &picture.pods[index].item.key,
            What::Claim(index) => &picture.claims[index].item.key,
            What::Volume(index) => &picture.volumes[index].item.key,
            What::Disk(_) | What::Ghost(_) | What::Awaited(_) | What::Own(..) | What::OwnDisk(..) => return None,
        })
    }

    fn view_lane(&self, lane: &Lane) -> Html {
        let node = lane.node.and_then(|node| self.pane.picture.nodes.get(node));
        let down = node.is_some_and(|node| node.health == Health::Failed);
        let cordoned = node.is_some_and(|node| node.health == Health::Waiting);
        html! {
            <div class={classes!("lane", node.is_none().then_some("nowhere"), down.then_some("down"), cordoned.then_some("cordoned"))} style={place(lane.x, lane.y, lane.width, lane.height)}>
                <div class="lane-head">
                    <span class="counts">
                        { for lane.folded.iter().map(|(word, health, count)| html! { <span class="small count" title={word.clone()}>{ shape(*health) }{ *count }{ " " }<span class="word">{ word.clone() }</span></span> }) }
                    </span>
                    { match node {
                        Some(node) => self.view_chip(node, "node"),
                        None => html! { <span class="dim small">{ "on no node" }</span> },
                    } }
                </div>
            </div>
        }
    }

    fn select(&self, key: &ObjectKey) -> Callback<MouseEvent> {
        let key = key.clone();
        self.link.ask(move |_| Effect::Select(Some(key.clone())))
    }

    fn view_chip(&self, item: &Item, sign: &str) -> Html {
        let kind = item.key.kind;
        let (on, glows) = (self.selected == Some(&item.key), self.pane.glow.holds(&item.key, ""));
        let quiet = item.health == Health::Ok && item.state == "Ready";
        // The whole word has no room over a lane of one card.
        let word = if item.state == "Ready,SchedulingDisabled" { "cordoned" } else { &item.state };
        let hover = |key: Option<ObjectKey>| self.link.send(move |_: MouseEvent| Msg::Hover(key.clone()));
        html! {
            <button class={classes!("chip", health_class(item.health), on.then_some("on"), glows.then_some("glow"))} aria-label={label(item)} title={if item.detail.is_empty() { item.state.clone() } else { item.detail.clone() }} onclick={self.select(&item.key)}
                onmouseenter={hover((kind == "Service").then(|| item.key.clone()))} onmouseleave={hover(None)}>
                { icon(sign) }
                <span class="mono name">{ item.key.name.to_string() }</span>
                if kind != "Node" { <span class="dim small">{ kind }</span> }
                if kind == "Node" && !quiet { { shape(item.health) } }
                if !quiet { <span class="word small">{ word }</span> }
            </button>
        }
    }

    fn view_card(&self, card: &Card) -> Html {
        let picture = &self.pane.picture;
        let style = place(card.x, card.y, card.width, card.height);
        match &card.what {
            What::Owner(index) => self.view_owner(*index, card),
            What::Pod(index) => {
                let pod = &picture.pods[*index];
                self.view_object(&pod.item, "pod", style, self.view_tiles(&pod.layer_files, &pod.item.key, true))
            }
            What::Claim(index) => self.view_object(&picture.claims[*index].item, "claim", style, Html::default()),
            What::Volume(index) => self.view_object(&picture.volumes[*index].item, "volume", style, Html::default()),
            What::Disk(index) => {
                let volume = &picture.volumes[*index];
                self.view_disk(style, &volume.disk.place, &volume.disk.files, &volume.item.key)
            }
            What::Own(pod, place) => {
                let own = &picture.pods[*pod].own_volumes[*place];
                html! { <div class="card volume own" {style} title={own.path.clone()}><span class="mono name">{ &own.name }</span><span class="row small dim"><span>{ own.plugin }</span><span class="grow path">{ if own.plugin == "hostPath" { own.path.as_str() } else { "goes with the pod" } }</span></span></div> }
            }
            What::OwnDisk(pod, place) => {
                let pod = &picture.pods[*pod];
                let own = &pod.own_volumes[*place];
                self.view_disk(style, &format!("{}:{}", pod.node, own.path), &own.files, &pod.item.key)
            }
            What::Ghost(key) => {
                html! { <div class="card claim ghost" {style}><s class="mono name">{ key.name.to_string() }</s><span class="small dim">{ "deleted" }</span></div> }
            }
            What::Awaited(index) => {
                let made = !picture.claims[*index].node.is_empty();
                html! {
                    <div class="card volume awaited" {style}>
                        <span class="row">{ shape(if made { Health::Starting } else { Health::Waiting }) }<span class="small">{ if made { "being made" } else { "no volume yet" } }</span></span>
                    </div>
                }
            }
        }
    }

    fn view_disk(&self, style: String, place: &str, files: &[FileTile], of: &ObjectKey) -> Html {
        html! {
            <div class="disk" {style} title={place.to_owned()}>
                { self.view_tiles(files, of, false) }
                if files.is_empty() { <span class="small dim">{ "empty" }</span> }
            </div>
        }
    }

    fn view_owner(&self, index: usize, card: &Card) -> Html {
        let item = &self.pane.picture.owners[index];
        let folded = self.pane.scene.folded.contains(&index);
        let opened = self.pane.unfolded.contains(&item.key);
        let key = item.key.clone();
        let fold = self.link.send(move |_| Msg::Fold(key.clone()));
        html! {
            <span class={classes!("owner", folded.then_some("stacked"))} style={format!("left:{}px;top:{}px;min-width:{}px", card.x, card.y, card.width)}>
                { self.view_chip(item, "workload") }
                if folded || opened {
                    <button class="chip fold" aria-expanded={opened.to_string()} aria-label={format!("Pods of {}", item.key.name)} onclick={fold}>{ if opened { "fold" } else { "show" } }</button>
                }
            </span>
        }
    }

    fn view_object(&self, item: &Item, layer: &'static str, style: String, tiles: Html) -> Html {
        let on = self.selected == Some(&item.key);
        let hovered = self.pane.hover.as_ref().filter(|(key, _)| *key == item.key);
        let tells = !matches!(item.health, Health::Ok | Health::Available | Health::Completed);
        let hover = |key: Option<ObjectKey>| self.link.send(move |_: MouseEvent| Msg::Hover(key.clone()));
        let class = classes!("card", layer, health_class(item.health), on.then_some("on"), self.pane.glow.holds(&item.key, "").then_some("glow"));
        html! {
            <div key={format!("{}{}", item.key.kind, item.key.slashed())} {class} {style}>
                <button class="face" aria-label={label(item)} title={item.key.name.to_string()} onclick={self.select(&item.key)} onmouseenter={hover(tells.then(|| item.key.clone()))} onmouseleave={hover(None)}>
                    <span class="row">{ shape(item.health) }<span class="mono name">{ short_name(&item.key.name) }</span></span>
                    <span class="row small second"><span class="word">{ &item.state }</span><span class="grow"></span><span class="dim">{ &item.detail }</span></span>
                </button>
                { tiles }
                if let Some((_, sentence)) = hovered { <span class="pop" role="tooltip"><span class="row word">{ shape(item.health) }{ &item.state }</span><span>{ sentence }</span></span> }
            </div>
        }
    }

    fn view_empty(&self) -> Html {
        let in_lab = self.live.start.lab.is_some();
        let (now, next) = match (in_lab, self.live.lab_steps) {
            (true, 0) => ("No objects yet", "The lab's first step makes some."),
            (true, _) => ("No objects now", "The last ones are gone; the lab's step says what comes next."),
            (false, _) => ("No objects yet", "Apply a manifest, or start from a scenario."),
        };
        html! {
            <div class="empty">
                { icon("cluster") }
                <strong>{ now }</strong>
                <span class="dim">{ next }</span>
                if !in_lab { <button class="btn line" onclick={self.link.ask(|_| Effect::StartScenario(0))}>{ "nginx StatefulSet" }</button> }
            </div>
        }
    }

    /// Tiles of files; those of a container's own layer go with it.
    fn view_tiles(&self, files: &[FileTile], on: &ObjectKey, layer: bool) -> Html {
        let tile = |file: &FileTile| {
            let (key, name) = (on.clone(), file.name.clone());
            // A pod's own volume stands above its disk; its name is not said again.
            let shown =
                if layer || on.kind != "Pod" { file.name.as_str() } else { file.name.split_once('/').map_or("", |(_, name)| name) }.to_owned();
            let chosen = self.selected == Some(on) && self.file == Some(file.name.as_str());
            let class = classes!("tile", layer.then_some("layer"), chosen.then_some("on"), self.pane.glow.holds(on, &file.name).then_some("glow"));
            html! {
                <button key={file.name.clone()} {class} aria-label={format!("File {} on {}", file.name, short_name(&on.name))} title={format!("{}, {} bytes", file.name, file.size)} onclick={self.link.ask(move |_| Effect::SelectFile(key.clone(), name.clone()))}>{ icon("file") }<span class="name">{ shown }</span></button>
            }
        };
        html! { if !files.is_empty() { <div class="tiles">{ for files.iter().map(tile) }</div> } }
    }
}

/// A provisioned volume by the first letters of its uid, as the picture has room for.
fn short_name(name: &str) -> String {
    match name.strip_prefix("pvc-") {
        Some(uid) if uid.len() == 36 => format!("pvc-{}", &uid[..8]),
        _ => name.to_owned(),
    }
}

fn label(item: &Item) -> String {
    format!("{} {}, {}", item.key.kind, item.key.name, item.state)
}
