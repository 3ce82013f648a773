//! The picture of the cluster: what `playground::picture` found and `playground::layout` placed, what of it is folded, pointed at or marked.

mod glow;
mod lines;
mod view;

use super::browser;
use crate::playground::layout::Scene;
use crate::playground::picture::Picture;
use crate::playground::share::Live;
use crate::playground::why;
use crate::values::object::ObjectKey;
use glow::Glow;
use std::collections::BTreeSet;
pub use view::View;

pub enum Msg {
    /// What the pointer is on.
    Hover(Option<ObjectKey>),
    /// Folds or opens the pods of an owner.
    Fold(ObjectKey),
}

/// The pane with the picture.
pub struct PicturePane {
    picture: Picture,
    scene: Scene,
    /// How wide the pane is, in pixels.
    room: i32,
    /// Owners whose pods are shown although they are many.
    unfolded: BTreeSet<ObjectKey>,
    glow: Glow,
    /// What the pointer is on, and why it is as it is.
    hover: Option<(ObjectKey, String)>,
    /// The version of the cluster's objects that was looked at last; 0: none of this session.
    seen_version: u64,
}

/// What is new since the cluster was last looked at.
pub struct News {
    /// Objects were written.
    pub objects: bool,
    /// The picture is another one.
    pub picture: bool,
}

impl PicturePane {
    pub fn new() -> PicturePane {
        PicturePane {
            picture: Picture::default(),
            scene: Scene::default(),
            room: first_room(),
            unfolded: BTreeSet::new(),
            glow: Glow::default(),
            hover: None,
            seen_version: 0,
        }
    }

    /// Another session is in the place of the one before: nothing of it is news.
    pub fn load(&mut self) {
        self.seen_version = 0;
    }

    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Draws the cluster again.
    pub fn look(&mut self, live: &Live) -> News {
        let version = live.session.cluster().api.store().version();
        let picture = Picture::of(live.session.view());
        let news = News { objects: version != self.seen_version, picture: picture != self.picture };
        if news.picture {
            if self.seen_version != 0 {
                self.glow.note(&self.picture, &picture, browser::now());
            }
            self.picture = picture;
            self.lay_out();
        }
        self.seen_version = version;
        news
    }

    fn lay_out(&mut self) {
        self.scene = Scene::of(&self.picture, self.room, &self.unfolded);
    }

    /// Lays the picture out again where its pane has another width. True: it has.
    pub fn measure(&mut self) -> bool {
        let room = browser::inner_width("canvas");
        if room == 0 || room == self.room {
            return false;
        }
        self.room = room;
        self.lay_out();
        true
    }

    /// Forgets what changed long enough ago. True: something did.
    pub fn fade(&mut self, now: f64) -> bool {
        self.glow.fade(now)
    }

    /// The pointer is on nothing any more.
    pub fn leave(&mut self) {
        self.hover = None;
    }

    pub fn update(&mut self, msg: Msg, live: &Live) {
        match msg {
            Msg::Hover(key) => {
                let sentence = |key: ObjectKey| why::of(live.session.cluster(), &key).map(|why| (key, why.sentence));
                self.hover = key.and_then(sentence);
            }
            Msg::Fold(key) => {
                if !self.unfolded.remove(&key) {
                    self.unfolded.insert(key);
                }
                self.lay_out();
            }
        }
    }
}

/// About how wide the pane will be, before it can be measured.
fn first_room() -> i32 {
    let width = browser::window_size().0;
    (if browser::is_phone() { width } else { width - browser::custom_property("left") }) as i32
}
