//! Where everything in the picture stands: lanes of nodes, in them columns of pod, claim, volume and disk, lines between what refers to what.
//!
//! ```text
//! owners            [web StatefulSet]──┬──────────┐
//! lane of a node     pod               │ pod      │      one column a chain; what belongs together stands
//!                     ↓ claim          ↓           ↓      one below the other, so that references are straight
//!                       ↕ volume
//!                         ↓ disk
//! ```
//! Lanes that do not fit beside each other go on in a further band below; past `FOLD_FROM` pods, owners fold into counters.

mod lines;

use super::files::FileTile;
use super::picture::{Health, Picture, PodBox};
use crate::values::object::ObjectKey;
use std::collections::{BTreeMap, BTreeSet};

/// From this many pods on, owners with more than `FOLD_OWNER` of them fold.
const FOLD_FROM: usize = 60;
const FOLD_OWNER: usize = 12;
/// Pods of a folded owner that are drawn because something is to be seen on them.
const NOTABLE_MAX: usize = 8;
/// The most columns that are drawn.
const COLUMNS_MAX: usize = 180;

/// Measures, in pixels.
const NARROW: i32 = 560;
const LABELS: i32 = 58;
const MARGIN: i32 = 10;
const COLUMN_MIN: i32 = 132;
/// In a wide pane type is bigger.
const WIDE: i32 = 860;
const COLUMN_WIDE: i32 = 148;
const COLUMN_MAX: i32 = 168;
const COLUMN_GAP: i32 = 12;
const LANE_GAP: i32 = 8;
const LANE_HEAD: i32 = 26;
const CARD: i32 = 44;
const TILE: i32 = 24;
const GAP: i32 = 20;
const BAND_GAP: i32 = 18;
const OWNER: i32 = 36;
/// How high an owner's chip is.
const CHIP: i32 = 28;
/// Tiles that one card or disk has room for, one below the other; the others are scrolled to.
const TILES_SHOWN: usize = 3;

/// What a box stands for; numbers are indices into the picture's lists.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Owner(usize),
    Pod(usize),
    Claim(usize),
    Volume(usize),
    Disk(usize),
    /// The claim that a Released volume remembers.
    Ghost(ObjectKey),
    /// The place of a volume that a claim waits for.
    Awaited(usize),
    /// A volume that a pod's manifest makes itself, and its files: the pod, and the place among its volumes.
    Own(usize, usize),
    OwnDisk(usize, usize),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    pub what: What,
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
    /// Its column: what is in one is shown together. Owners have none.
    pub chain: Option<usize>,
}

/// A node's lane, or a part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// `None`: what is on no node.
    pub node: Option<usize>,
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
    /// Pods that are not drawn, by their word.
    pub folded: Vec<(String, Health, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    Owns,
    Serves,
    Uses,
    Bound,
    Stores,
    /// To a claim that is gone.
    Lost,
    /// An open end that looks for a volume.
    Open,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub reference: Reference,
    pub points: Vec<(i32, i32)>,
    pub chain: Option<usize>,
    /// For owners' and services' lines: whose. A service's lines come from above, where its chip is.
    pub of: Option<usize>,
    /// The finalizer that holds what is at its end.
    pub pin: Option<String>,
}

/// A picture with its places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    pub width: i32,
    pub height: i32,
    pub lanes: Vec<Lane>,
    pub cards: Vec<Card>,
    pub lines: Vec<Line>,
    /// Names of layers beside the lanes.
    pub labels: Vec<(&'static str, i32)>,
    /// Owners whose pods stand as a count.
    pub folded: Vec<usize>,
}

/// One column: whatever of pod, claim and volume belongs together.
#[derive(Clone, Default)]
struct Chain {
    pod: Option<usize>,
    /// A pod and one of the volumes that it brings itself.
    own: Option<(usize, usize)>,
    claim: Option<usize>,
    volume: Option<usize>,
    node: Option<usize>,
}

/// The picture's lists by key.
struct Index<'a> {
    picture: &'a Picture,
    nodes: BTreeMap<&'a str, usize>,
    claims: BTreeMap<&'a ObjectKey, usize>,
    volumes: BTreeMap<&'a ObjectKey, usize>,
    /// Pod -> owner.
    owners: BTreeMap<&'a ObjectKey, usize>,
}

impl<'a> Index<'a> {
    fn of(picture: &'a Picture) -> Index<'a> {
        let places: BTreeMap<&ObjectKey, usize> = picture.owners.iter().enumerate().map(|(index, owner)| (&owner.key, index)).collect();
        Index {
            picture,
            nodes: picture.nodes.iter().enumerate().map(|(index, node)| (&*node.key.name, index)).collect(),
            claims: picture.claims.iter().enumerate().map(|(index, claim)| (&claim.item.key, index)).collect(),
            volumes: picture.volumes.iter().enumerate().map(|(index, volume)| (&volume.item.key, index)).collect(),
            owners: picture.edges.iter().filter_map(|(from, to)| Some((to, *places.get(from)?))).collect(),
        }
    }

    fn claims_of(&self, pod: &PodBox) -> Vec<usize> {
        pod.claims.iter().filter_map(|key| self.claims.get(key).copied()).collect()
    }

    fn volume_of(&self, claim: usize) -> Option<usize> {
        self.picture.claims[claim].volume.as_ref().and_then(|key| self.volumes.get(key).copied())
    }

    /// A chain with its lane: that of its pod, else of its claim, else of its volume.
    fn chain(&self, pod: Option<usize>, claim: Option<usize>, volume: Option<usize>) -> Chain {
        let names = [
            pod.map(|pod| &self.picture.pods[pod].node),
            claim.map(|claim| &self.picture.claims[claim].node),
            volume.map(|volume| &self.picture.volumes[volume].node),
        ];
        let node = names.into_iter().flatten().find(|name| !name.is_empty()).and_then(|name| self.nodes.get(name.as_str()).copied());
        Chain { pod, own: None, claim, volume, node }
    }

    /// Every chain, those of pods first.
    fn chains(&self) -> Vec<Chain> {
        let mut chains = Vec::new();
        let (mut claims, mut volumes) = (BTreeSet::new(), BTreeSet::new());
        for (index, pod) in self.picture.pods.iter().enumerate() {
            let own: Vec<usize> = self.claims_of(pod).into_iter().filter(|claim| claims.insert(*claim)).collect();
            if own.is_empty() && pod.own_volumes.is_empty() {
                chains.push(self.chain(Some(index), None, None));
            }
            let claimed = own.len();
            for (place, claim) in own.into_iter().enumerate() {
                let volume = self.volume_of(claim).filter(|volume| volumes.insert(*volume));
                let mut chain = self.chain(Some(index), Some(claim), volume);
                chain.pod = (place == 0).then_some(index);
                chains.push(chain);
            }
            for place in 0..pod.own_volumes.len() {
                let chain = self.chain(Some(index), None, None);
                chains.push(Chain { pod: (claimed == 0 && place == 0).then_some(index), own: Some((index, place)), ..chain });
            }
        }
        for claim in (0..self.picture.claims.len()).filter(|claim| !claims.contains(claim)) {
            let volume = self.volume_of(claim).filter(|volume| volumes.insert(*volume));
            chains.push(self.chain(None, Some(claim), volume));
        }
        let rest = (0..self.picture.volumes.len()).filter(|volume| !volumes.contains(volume));
        chains.extend(rest.map(|volume| self.chain(None, None, Some(volume))));
        chains
    }
}

/// Chains that are drawn, and the pods of the others.
fn fold(index: &Index<'_>, chains: Vec<Chain>, open: &BTreeSet<ObjectKey>) -> (Vec<Chain>, Vec<usize>, Vec<usize>) {
    let picture = index.picture;
    let mut counts = BTreeMap::new();
    for owner in index.owners.values() {
        *counts.entry(*owner).or_insert(0) += 1;
    }
    let many = picture.pods.len() > FOLD_FROM;
    let folds = |owner: &usize| many && counts[owner] > FOLD_OWNER && !open.contains(&picture.owners[*owner].key);
    let folded: Vec<usize> = counts.keys().copied().filter(|owner| folds(owner)).collect();
    let (mut drawn, mut hidden, mut notable) = (Vec::new(), Vec::new(), 0);
    let mut hides = false;
    for chain in chains {
        // A further claim of a pod goes where its pod went.
        if let Some(pod) = chain.pod {
            let item = &picture.pods[pod].item;
            let owner = index.owners.get(&item.key);
            let calm = matches!(item.health, Health::Ok | Health::Completed);
            let shown = !owner.is_some_and(|owner| folded.contains(owner)) || (!calm && notable < NOTABLE_MAX);
            notable += usize::from(shown && owner.is_some_and(|owner| folded.contains(owner)));
            hides = !shown || drawn.len() >= COLUMNS_MAX;
            if hides {
                hidden.push(pod);
            }
        } else if drawn.len() >= COLUMNS_MAX {
            hides = true;
        } else if (chain.claim.is_none() && chain.own.is_none()) || !hides {
            hides = false;
        }
        if !hides {
            drawn.push(chain);
        }
    }
    (drawn, hidden, folded)
}

/// A part of a lane in a band.
struct Slice {
    node: Option<usize>,
    chains: Vec<Chain>,
}

impl Slice {
    fn columns(&self) -> i32 {
        i32::try_from(self.chains.len().max(1)).unwrap_or(1)
    }
}

/// Lanes side by side as far as they fit; what does not goes into the next band.
fn bands(lanes: Vec<Slice>, columns: i32) -> Vec<Vec<Slice>> {
    let mut bands: Vec<Vec<Slice>> = vec![Vec::new()];
    let mut left = columns;
    for mut lane in lanes {
        if lane.columns() > left && left < columns {
            bands.push(Vec::new());
            left = columns;
        }
        while lane.columns() > columns {
            let rest = lane.chains.split_off(usize::try_from(columns).unwrap_or(1));
            let full = std::mem::replace(&mut lane.chains, rest);
            bands.last_mut().into_iter().for_each(|band| band.push(Slice { node: lane.node, chains: full.clone() }));
            bands.push(Vec::new());
        }
        left -= lane.columns();
        bands.last_mut().into_iter().for_each(|band| band.push(Slice { node: lane.node, chains: std::mem::take(&mut lane.chains) }));
    }
    bands
}

fn tiles_height(count: usize) -> i32 {
    let rows = i32::try_from(count.min(TILES_SHOWN)).unwrap_or(0);
    // Half of the next tile tells that there is more to scroll to.
    rows * TILE + if count > TILES_SHOWN { TILE / 2 } else { 0 }
}

fn disk_height(files: &[FileTile]) -> i32 {
    tiles_height(files.len()).max(TILE) + 4
}

/// Vertical places of a band's layers.
struct Rows {
    pod: i32,
    claim: i32,
    volume: i32,
    disk: i32,
    end: i32,
}

impl Rows {
    fn of(picture: &Picture, slices: &[Slice], top: i32) -> Rows {
        let chains = || slices.iter().flat_map(|slice| &slice.chains);
        let pods = chains().filter_map(|chain| chain.pod).map(|pod| CARD + tiles_height(picture.pods[pod].layer_files.len())).max();
        let ghosts = chains().any(|chain| chain.claim.is_none() && chain.volume.is_some_and(|volume| is_lost(picture, volume)));
        let claims = ghosts || chains().any(|chain| chain.claim.is_some());
        let volumes = claims || chains().any(|chain| chain.volume.is_some() || chain.own.is_some());
        let disk = |chain: &Chain| match (chain.volume, chain.own) {
            (Some(volume), _) => Some(disk_height(&picture.volumes[volume].disk.files)),
            (None, Some((pod, place))) => Some(disk_height(&picture.pods[pod].own_volumes[place].files)),
            (None, None) => None,
        };
        let disks = chains().filter_map(disk).max();
        let pod = top + LANE_HEAD;
        let claim = pod + pods.map_or(0, |height| height + if volumes { GAP } else { 0 });
        let volume = claim + if claims { CARD + GAP } else { 0 };
        let disk = volume + if volumes { CARD + GAP } else { 0 };
        Rows { pod, claim, volume, disk, end: disk + disks.unwrap_or(if volumes { -GAP } else { 0 }) + 10 }
    }
}

fn is_lost(picture: &Picture, volume: usize) -> bool {
    picture.volumes[volume].claim.is_some() && !picture.volumes[volume].claim_exists
}

impl Scene {
    /// Lays a picture out for a pane of this width; `open` are folded owners that the user opened.
    pub fn of(picture: &Picture, width: i32, open: &BTreeSet<ObjectKey>) -> Scene {
        let index = Index::of(picture);
        let (chains, hidden, folded) = fold(&index, index.chains(), open);
        let mut lanes: Vec<Slice> = (0..picture.nodes.len()).map(|node| Slice { node: Some(node), chains: Vec::new() }).collect();
        let (placed, nowhere): (Vec<Chain>, Vec<Chain>) = chains.into_iter().partition(|chain| chain.node.is_some());
        for chain in placed {
            let lane = chain.node.unwrap_or(0);
            lanes[lane].chains.push(chain);
        }
        if !nowhere.is_empty() {
            lanes.push(Slice { node: None, chains: nowhere });
        }
        let narrow = width < NARROW;
        let left = MARGIN + if narrow { 0 } else { LABELS };
        let least = if width >= WIDE { COLUMN_WIDE } else { COLUMN_MIN };
        let room = (width - left - MARGIN).max(least);
        let (count, gaps) = (i32::try_from(lanes.len()).unwrap_or(1).max(1), |count: i32| (count - 1) * LANE_GAP);
        let wanted: i32 = lanes.iter().map(Slice::columns).sum();
        let fits = wanted * least + gaps(count) <= room;
        let column = match (fits, narrow) {
            (true, _) => ((room - gaps(count)) / wanted.max(1)).min(COLUMN_MAX),
            (false, true) => (room - LANE_GAP) / 2,
            (false, false) => least,
        };
        let columns = if fits { wanted } else { ((room + LANE_GAP) / (column + LANE_GAP)).max(1) };
        let mut scene = Scene { folded, ..Scene::default() };
        let mut y = MARGIN;
        for (number, slices) in bands(lanes, columns).into_iter().enumerate() {
            let rows = Rows::of(picture, &slices, y);
            scene.band(picture, slices, &rows, (left, column));
            if !narrow && number == 0 {
                scene.label(&rows);
            }
            y = rows.end + BAND_GAP;
        }
        scene.counts(picture, &hidden);
        scene.height = y - BAND_GAP + MARGIN;
        scene.width = scene.lanes.iter().map(|lane| lane.x + lane.width + MARGIN).max().unwrap_or(0).max(if narrow { 0 } else { width });
        scene.references(&index);
        let rows = scene.place_owners(&index, left);
        scene.own(&index, rows);
        // As wide as what is in it, so that the pane can centre it.
        let ends = scene.lanes.iter().map(|lane| lane.x + lane.width).chain(scene.cards.iter().map(|card| card.x + card.width));
        scene.width = ends.max().unwrap_or(0) + MARGIN;
        scene
    }

    fn band(&mut self, picture: &Picture, slices: Vec<Slice>, rows: &Rows, (left, column): (i32, i32)) {
        let mut x = left;
        for slice in slices {
            let width = slice.columns() * column;
            let top = rows.pod - LANE_HEAD;
            self.lanes.push(Lane { node: slice.node, x, y: top, width, height: rows.end - top, folded: Vec::new() });
            for (place, chain) in slice.chains.iter().enumerate() {
                let at = x + i32::try_from(place).unwrap_or(0) * column + COLUMN_GAP / 2;
                self.column(picture, chain, rows, (at, column - COLUMN_GAP));
            }
            x += width + LANE_GAP;
        }
    }

    fn column(&mut self, picture: &Picture, chain: &Chain, rows: &Rows, (x, width): (i32, i32)) {
        let number = self.cards.len();
        let mut put = |what, y, height| self.cards.push(Card { what, x, y, width, height, chain: Some(number) });
        if let Some(pod) = chain.pod {
            put(What::Pod(pod), rows.pod, CARD + tiles_height(picture.pods[pod].layer_files.len()));
        }
        if let Some(claim) = chain.claim {
            put(What::Claim(claim), rows.claim, CARD);
            if picture.claims[claim].volume.is_none() {
                put(What::Awaited(claim), rows.volume, CARD);
            }
        }
        if let Some(volume) = chain.volume {
            if let Some(ghost) = picture.volumes[volume].claim.clone().filter(|_| chain.claim.is_none() && is_lost(picture, volume)) {
                put(What::Ghost(ghost), rows.claim, CARD);
            }
            put(What::Volume(volume), rows.volume, CARD);
            put(What::Disk(volume), rows.disk, disk_height(&picture.volumes[volume].disk.files));
        }
        if let Some((pod, place)) = chain.own {
            put(What::Own(pod, place), rows.volume, CARD);
            put(What::OwnDisk(pod, place), rows.disk, disk_height(&picture.pods[pod].own_volumes[place].files));
        }
    }

    fn label(&mut self, rows: &Rows) {
        let layers = [
            ("Pods", rows.pod, rows.claim),
            ("Claims", rows.claim, rows.volume),
            ("Volumes", rows.volume, rows.disk),
            ("Disks", rows.disk, rows.end),
        ];
        for (name, from, to) in layers {
            if to - from > TILE {
                self.labels.push((name, if name == "Disks" { from + 7 } else { from + CARD / 2 - 10 }));
            }
        }
    }

    /// What is not drawn stands as counts in the first lane of its node.
    fn counts(&mut self, picture: &Picture, hidden: &[usize]) {
        for pod in hidden {
            let pod = &picture.pods[*pod];
            let is_its =
                |lane: &&mut Lane| lane.node.map(|node| &*picture.nodes[node].key.name) == Some(pod.node.as_str()).filter(|node| !node.is_empty());
            let Some(lane) = self.lanes.iter_mut().find(is_its) else { continue };
            match lane.folded.iter_mut().find(|(word, ..)| *word == pod.item.state) {
                Some((_, _, count)) => *count += 1,
                None => lane.folded.push((pod.item.state.clone(), pod.item.health, 1)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::flavour;
    use crate::playground::session::Session;

    const SET: &str = include_str!("../../examples/scenarios/nginx-statefulset.yaml");

    fn picture(replicas: usize) -> Picture {
        let mut session = Session::new(flavour::by_name("playground").unwrap(), 3, 1);
        session.write_file("web.yaml", SET);
        session.run_setup("kubectl apply -f web.yaml");
        session.run_setup(&format!("kubectl scale sts web --replicas={replicas}"));
        session.run_setup(&format!("kubectl rollout status sts web --timeout={}s", 30 * replicas));
        Picture::of(session.view())
    }

    fn overlap(one: &Card, other: &Card) -> bool {
        one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height
    }

    #[test]
    fn chains_stand_one_below_the_other_and_nothing_overlaps() {
        for width in [340, 700, 1200] {
            let scene = Scene::of(&picture(7), width, &BTreeSet::new());
            let straight = scene.lines.iter().filter(|line| line.reference == Reference::Bound && line.points.len() == 2).count();
            assert_eq!((straight, scene.cards.iter().filter(|card| matches!(card.what, What::Pod(_))).count()), (7, 7));
            for (place, card) in scene.cards.iter().enumerate() {
                assert!(scene.cards[place + 1..].iter().all(|other| !overlap(card, other)), "{width}: {card:?}");
                assert!(card.x >= 0 && card.x + card.width <= scene.width && card.y + card.height <= scene.height, "{width}: {card:?}");
            }
        }
    }

    #[test]
    fn many_pods_fold_into_a_count_that_opens() {
        let picture = picture(70);
        let scene = Scene::of(&picture, 900, &BTreeSet::new());
        assert_eq!((scene.folded.as_slice(), scene.cards.iter().filter(|card| matches!(card.what, What::Claim(_))).count()), ([0].as_slice(), 0));
        let counted: usize = scene.lanes.iter().flat_map(|lane| &lane.folded).map(|(_, _, count)| count).sum();
        assert_eq!(counted, 70);
        let open = BTreeSet::from([picture.owners[0].key.clone()]);
        assert_eq!(Scene::of(&picture, 900, &open).cards.iter().filter(|card| matches!(card.what, What::Pod(_))).count(), 70);
    }
}
