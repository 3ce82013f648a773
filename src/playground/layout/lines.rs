//! Lines between what refers to what, and the owners above the lanes.

use super::{BAND_GAP, CHIP, Card, GAP, Index, LANE_GAP, LANE_HEAD, Line, MARGIN, OWNER, Reference, Scene, What};
use crate::values::object::ObjectKey;
use std::collections::BTreeMap;

/// How far beside an owner's line a service's line comes down.
const BESIDE: i32 = 12;

impl Scene {
    fn card(&self, what: &What) -> Option<&Card> {
        self.cards.iter().find(|card| card.what == *what)
    }

    /// Pod to claim, claim to volume, volume to disk.
    pub(super) fn references(&mut self, index: &Index<'_>) {
        let picture = index.picture;
        let claims: BTreeMap<usize, Card> =
            self.cards.iter().filter_map(|card| if let What::Claim(claim) = card.what { Some((claim, card.clone())) } else { None }).collect();
        let mut lines = Vec::new();
        for (place, card) in self.cards.iter().enumerate() {
            let mut draw = |to: &Card, reference, pin: Option<&String>| {
                lines.push(Line { reference, points: down(card, to), chain: card.chain, of: None, pin: pin.cloned() });
            };
            let next = self.cards.get(place + 1).filter(|next| next.chain == card.chain);
            match &card.what {
                What::Pod(pod) => {
                    for claim in index.claims_of(&picture.pods[*pod]) {
                        if let Some(to) = claims.get(&claim) {
                            draw(to, Reference::Uses, picture.claims[claim].item.held_by.as_ref());
                        }
                    }
                    for own in self.cards.iter().filter(|card| matches!(card.what, What::Own(of, _) if of == *pod)) {
                        draw(own, Reference::Uses, None);
                    }
                }
                What::Claim(claim) => match next.map(|next| (&next.what, next)) {
                    Some((What::Awaited(_), to)) => draw(to, Reference::Open, None),
                    Some((What::Volume(volume), to)) => draw(to, Reference::Bound, picture.volumes[*volume].item.held_by.as_ref()),
                    _ => {
                        let elsewhere = index.volume_of(*claim).and_then(|volume| self.card(&What::Volume(volume)));
                        elsewhere.into_iter().for_each(|to| draw(to, Reference::Bound, None));
                    }
                },
                What::Ghost(_) => next.into_iter().for_each(|to| draw(to, Reference::Lost, None)),
                What::Volume(_) | What::Own(..) => next.into_iter().for_each(|to| draw(to, Reference::Stores, None)),
                _ => {}
            }
        }
        self.lines = lines;
    }

    /// Puts owners above the lanes, an owner over the first of its pods; gives how many rows they take.
    pub(super) fn place_owners(&mut self, index: &Index<'_>, left: i32) -> usize {
        let picture = index.picture;
        let mut rows: Vec<Vec<(i32, i32)>> = Vec::new();
        let mut put = |from: i32, to: i32| {
            let free = |row: &Vec<(i32, i32)>| row.iter().all(|(start, end)| to + LANE_GAP < *start || *end + LANE_GAP < from);
            let row = rows.iter().position(free).unwrap_or_else(|| {
                rows.push(Vec::new());
                rows.len() - 1
            });
            rows[row].push((from, to));
            (row, i32::try_from(row).unwrap_or(0) * OWNER + MARGIN)
        };
        let mut chips = Vec::new();
        for (owner, item) in picture.owners.iter().enumerate() {
            let width = chip_width(&item.key.name, item.key.kind, &item.state);
            let own = |card: &&Card| matches!(card.what, What::Pod(pod) if index.owners.get(&picture.pods[pod].item.key) == Some(&owner));
            let first = self.cards.iter().find(own).map(|card| (card.x, card.y));
            let reach = self.cards.iter().filter(own).filter(|card| Some(card.y) == first.map(|(_, y)| y)).map(|card| card.x + card.width / 2).max();
            let x = first.map_or(left, |(x, _)| x).min((self.width - width - MARGIN).max(MARGIN));
            let (_, y) = put(x, reach.unwrap_or(0).max(x + width));
            chips.push(Card { what: What::Owner(owner), x, y, width, height: CHIP, chain: None });
        }
        let count = rows.len();
        let shift = i32::try_from(count).unwrap_or(0) * OWNER;
        self.shift(shift);
        self.cards.extend(chips);
        count
    }

    fn shift(&mut self, by: i32) {
        self.lanes.iter_mut().for_each(|lane| lane.y += by);
        self.cards.iter_mut().for_each(|card| card.y += by);
        self.labels.iter_mut().for_each(|(_, y)| *y += by);
        self.lines.iter_mut().flat_map(|line| &mut line.points).for_each(|point| point.1 += by);
        self.height += by;
    }

    /// Owner to pod, service to pod.
    pub(super) fn own(&mut self, index: &Index<'_>, rows: usize) {
        let picture = index.picture;
        let owners: BTreeMap<&ObjectKey, (usize, &Card)> = self
            .cards
            .iter()
            .filter_map(|card| if let What::Owner(owner) = card.what { Some((&picture.owners[owner].key, (owner, card))) } else { None })
            .collect();
        let services: BTreeMap<&ObjectKey, usize> = picture.services.iter().enumerate().map(|(index, item)| (&item.key, index)).collect();
        let pods: BTreeMap<&ObjectKey, &Card> = self
            .cards
            .iter()
            .filter_map(|card| if let What::Pod(pod) = card.what { Some((&picture.pods[pod].item.key, card)) } else { None })
            .collect();
        let first_band = MARGIN + i32::try_from(rows).unwrap_or(0) * OWNER + LANE_HEAD;
        let mut lines = Vec::new();
        for (from, to) in &picture.edges {
            let Some(pod) = pods.get(to) else { continue };
            let x = pod.x + pod.width / 2;
            if let Some(of) = services.get(from) {
                let points = vec![(x + BESIDE, 0), (x + BESIDE, pod.y)];
                lines.push(Line { reference: Reference::Serves, points, chain: pod.chain, of: Some(*of), pin: None });
            }
            let Some((of, chip)) = owners.get(from) else { continue };
            let middle = chip.y + chip.height / 2;
            let points = if pod.y > first_band {
                // A pod of a further band: down the margin, then along the top of its band.
                let above = pod.y - LANE_HEAD - BAND_GAP / 2;
                vec![(chip.x, middle), (MARGIN / 2, middle), (MARGIN / 2, above), (x, above), (x, pod.y)]
            } else if x >= chip.x && x <= chip.x + chip.width {
                vec![(x, chip.y + chip.height), (x, pod.y)]
            } else {
                vec![(if x < chip.x { chip.x } else { chip.x + chip.width }, middle), (x, middle), (x, pod.y)]
            };
            lines.push(Line { reference: Reference::Owns, points, chain: pod.chain, of: Some(*of), pin: None });
        }
        self.lines.extend(lines);
    }
}

/// From the foot of one card to the head of another: straight where they stand one below the other.
fn down(from: &Card, to: &Card) -> Vec<(i32, i32)> {
    let (start, end) = ((from.x + from.width / 2, from.y + from.height), (to.x + to.width / 2, to.y));
    if start.0 == end.0 { vec![start, end] } else { vec![start, (start.0, end.1 - GAP / 2), (end.0, end.1 - GAP / 2), end] }
}

/// About how wide a chip's words are.
fn chip_width(name: &str, kind: &str, state: &str) -> i32 {
    i32::try_from((name.len() + kind.len() + state.len()).min(60)).unwrap_or(60) * 7 + 44
}
