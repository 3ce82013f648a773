//! The picture: lanes of nodes, in them chains of pod, claim, volume and disk, one below the other.

use super::{App, Msg};
use crate::playground::files::FileTile;
use crate::playground::picture::{ClaimBox, Health, Item, Picture, PodBox, VolumeBox};
use crate::values::object::ObjectKey;
use std::rc::Rc;
use yew::prelude::*;

/// Chains that one lane draws before the rest fold into a count.
const CHAINS_MAX: usize = 24;

/// One column: whatever of pod, claim and volume belongs together.
#[derive(Clone, PartialEq)]
struct Chain {
    pod: Option<PodBox>,
    claim: Option<ClaimBox>,
    volume: Option<VolumeBox>,
    /// The claim that a Released volume remembers.
    ghost: Option<ObjectKey>,
}

impl Chain {
    fn node(&self) -> &str {
        let of =
            [self.pod.as_ref().map(|pod| &pod.node), self.claim.as_ref().map(|claim| &claim.node), self.volume.as_ref().map(|volume| &volume.node)];
        of.into_iter().flatten().find(|node| !node.is_empty()).map_or("", String::as_str)
    }
}

fn chains(picture: &Picture) -> Vec<Chain> {
    let mut chains = Vec::new();
    let (mut claims_drawn, mut volumes_drawn): (Vec<&ObjectKey>, Vec<&ObjectKey>) = (Vec::new(), Vec::new());
    let volume_of = |claim: &ClaimBox| picture.volumes.iter().find(|volume| claim.volume.as_ref() == Some(&volume.item.key));
    for pod in &picture.pods {
        let mut first = true;
        for claim in picture.claims.iter().filter(|claim| pod.claims.contains(&claim.item.key)) {
            if claims_drawn.contains(&&claim.item.key) {
                continue;
            }
            claims_drawn.push(&claim.item.key);
            let volume = volume_of(claim);
            volumes_drawn.extend(volume.map(|volume| &volume.item.key));
            chains.push(Chain { pod: first.then(|| pod.clone()), claim: Some(claim.clone()), volume: volume.cloned(), ghost: None });
            first = false;
        }
        if first {
            chains.push(Chain { pod: Some(pod.clone()), claim: None, volume: None, ghost: None });
        }
    }
    for claim in picture.claims.iter().filter(|claim| !claims_drawn.contains(&&claim.item.key)) {
        let volume = volume_of(claim);
        volumes_drawn.extend(volume.map(|volume| &volume.item.key));
        chains.push(Chain { pod: None, claim: Some(claim.clone()), volume: volume.cloned(), ghost: None });
    }
    for volume in picture.volumes.iter().filter(|volume| !volumes_drawn.contains(&&volume.item.key)) {
        let ghost = volume.claim.clone().filter(|_| !volume.claim_exists);
        chains.push(Chain { pod: None, claim: None, volume: Some(volume.clone()), ghost });
    }
    chains
}

fn health_class(health: Health) -> &'static str {
    match health {
        Health::Ok => "ok",
        Health::Starting => "starting",
        Health::Waiting => "waiting",
        Health::Failing => "failing",
        Health::Failed => "failed",
        Health::Ending => "ending",
        Health::Available => "available",
        Health::Released => "released",
        Health::Completed => "completed",
    }
}

/// The shape of a state; its word stands beside it.
fn shape(health: Health) -> &'static str {
    match health {
        Health::Ok => "●",
        Health::Starting => "◐",
        Health::Waiting => "◌",
        Health::Failing => "▲",
        Health::Failed => "✕",
        Health::Ending => "⏻",
        Health::Available => "◇",
        Health::Released => "◆",
        Health::Completed => "✓",
    }
}

impl App {
    pub(super) fn view_cluster(&self, ctx: &Context<Self>) -> Html {
        let picture = &self.picture;
        let all = chains(picture);
        let lane = |node: &Item| {
            let own: Vec<&Chain> = all.iter().filter(|chain| chain.node() == node.key.name).collect();
            self.view_lane(ctx, Some(node), &own)
        };
        let nowhere: Vec<&Chain> = all.iter().filter(|chain| !picture.nodes.iter().any(|node| node.key.name == chain.node())).collect();
        html! {
            <section class="pane cluster" aria-label="Cluster">
                <div class="head">
                    <h2>{ "Cluster" }</h2>
                    { for picture.owners.iter().chain(&picture.services).chain(&picture.classes).map(|item| self.view_chip(ctx, item)) }
                </div>
                <div class="lanes">
                    { for picture.nodes.iter().map(lane) }
                    if !nowhere.is_empty() { { self.view_lane(ctx, None, &nowhere) } }
                </div>
                { self.view_events() }
            </section>
        }
    }

    fn view_lane(&self, ctx: &Context<Self>, node: Option<&Item>, chains: &[&Chain]) -> Html {
        let down = node.is_some_and(|node| node.health == Health::Failed);
        let folded = chains.len().saturating_sub(CHAINS_MAX);
        html! {
            <div class={classes!("lane", node.is_none().then_some("nowhere"), down.then_some("down"))}>
                <div class="lane-head">
                    { match node {
                        Some(node) => self.view_chip(ctx, node),
                        None => html! { <span class="dim">{ "on no node" }</span> },
                    } }
                </div>
                if chains.is_empty() { <p class="dim small">{ "nothing here" }</p> }
                <div class="chains">{ for chains.iter().take(CHAINS_MAX).map(|chain| self.view_chain(ctx, chain)) }</div>
                if folded > 0 { <p class="small dim">{ format!("and {folded} more") }</p> }
            </div>
        }
    }

    fn select(&self, ctx: &Context<Self>, key: &ObjectKey) -> Callback<MouseEvent> {
        let key = key.clone();
        ctx.link().callback(move |_| Msg::Select(Some(key.clone())))
    }

    fn view_chip(&self, ctx: &Context<Self>, item: &Item) -> Html {
        let on = self.selected.as_ref() == Some(&item.key);
        html! {
            <button class={classes!("chip", health_class(item.health), on.then_some("on"))} aria-label={label(item)} onclick={self.select(ctx, &item.key)}>
                <span class="mono">{ &item.key.name }</span>
                if item.key.kind != "Node" || item.health != Health::Ok { <span class="dim small">{ if item.key.kind == "Node" { String::new() } else { format!("{} ", item.key.kind) } }</span> }
                if item.health != Health::Ok || item.state.contains('/') || item.state.contains(',') { <span class="word small">{ &item.state }</span> }
            </button>
        }
    }

    fn view_chain(&self, ctx: &Context<Self>, chain: &Chain) -> Html {
        let card = |item: &Item, layer: &'static str, extra: Html| {
            let on = self.selected.as_ref() == Some(&item.key);
            html! {
                <div class={classes!("card", layer, health_class(item.health), on.then_some("on"))}>
                    <button class="face" aria-label={label(item)} onclick={self.select(ctx, &item.key)}>
                        <span class="row"><span class="shape" aria-hidden="true">{ shape(item.health) }</span><span class="mono name">{ &item.key.name }</span></span>
                        <span class="row small"><span class="word">{ &item.state }</span><span class="grow"></span><span class="dim">{ &item.detail }</span></span>
                    </button>
                    if let Some(holder) = &item.held_by { <span class="pin small">{ format!("⚲ {holder}") }</span> }
                    { extra }
                </div>
            }
        };
        let open_end = chain.claim.as_ref().is_some_and(|_| chain.volume.is_none());
        html! {
            <div class="chain">
                <div class="cell">{ chain.pod.as_ref().map_or_else(Html::default, |pod| card(&pod.item, "pod", self.view_tiles(ctx, &pod.layer_files, &pod.item.key))) }</div>
                <div class="cell">
                    if chain.pod.is_some() && chain.claim.is_some() { <span class="arrow" aria-hidden="true"></span> }
                    { chain.claim.as_ref().map_or_else(Html::default, |claim| card(&claim.item, "claim", Html::default())) }
                    if let Some(ghost) = &chain.ghost { <div class="card claim ghost"><s class="mono">{ &ghost.name }</s><span class="small dim">{ "deleted" }</span></div> }
                </div>
                <div class="cell">
                    if chain.claim.is_some() && chain.volume.is_some() { <span class="arrow both" aria-hidden="true"></span> }
                    if chain.ghost.is_some() { <span class="arrow dotted" aria-hidden="true"></span> }
                    if open_end { <span class="arrow open" aria-hidden="true"></span> }
                    { chain.volume.as_ref().map_or_else(Html::default, |volume| card(&volume.item, "volume", Html::default())) }
                </div>
                <div class="cell">
                    if let Some(volume) = &chain.volume {
                        <div class="disk" title={volume.disk.place.clone()}>
                            { self.view_tiles(ctx, &volume.disk.files, &volume.item.key) }
                            if volume.disk.files.is_empty() { <span class="small dim">{ "empty" }</span> }
                        </div>
                    }
                </div>
            </div>
        }
    }

    fn view_tiles(&self, ctx: &Context<Self>, files: &[FileTile], on: &ObjectKey) -> Html {
        let short: Rc<str> = short_name(&on.name).into();
        let tile = |file: &FileTile| {
            html! {
                <button class={classes!("tile", (on.kind == "Pod").then_some("layer"))} aria-label={format!("File {} on {short}", file.name)} title={format!("{} bytes", file.size)} onclick={self.select(ctx, on)}>{ &file.name }</button>
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
