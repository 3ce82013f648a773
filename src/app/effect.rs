//! What the parts of the page ask of one another, and how their views send messages.
//!
//! A part changes itself in its `update`. What concerns the session, the page or another part it asks for with an `Effect`, which the root
//! component carries out: no part knows another one.

use super::opening::Opening;
use crate::playground::share::Action;
use crate::values::object::ObjectKey;
use yew::prelude::*;

/// The panes; a phone shows one at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    Lab,
    Files,
    Cluster,
    Console,
}

/// What the palette lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Everything,
    /// What a session can start from.
    Starts,
}

/// What the root component does for a part, or for a button of another part.
pub enum Effect {
    /// An input of the user: the only way in which a session changes but by time.
    Act(Action),
    /// Types lines one after the other; each waits for the one before.
    Type(Vec<String>),
    /// Types a line that was clicked or chosen; the focus goes on to the console.
    Run(String),
    /// Types the lines of a solution in the place of those that wait.
    Solve(Vec<String>),
    /// A note of ours below what the console printed.
    Note(String),
    /// Puts another session in the place of this one, as a step that can be undone.
    Replace(Box<Opening>),
    StartScenario(usize),
    StartLab(&'static str),
    /// Begins the session anew.
    Reset,
    Undo,
    Redo,
    /// Nothing can be undone any more.
    ForgetPast,
    /// Stops time, or lets it go on.
    Pause,
    /// The next speed of time.
    ChangeSpeed,
    OpenFile(String),
    NewFile,
    /// Types `kubectl apply` of the open file.
    Apply,
    /// Opens the details of an object, or closes them.
    Select(Option<ObjectKey>),
    /// Opens a file of an object in the details.
    SelectFile(ObjectKey, String),
    ShowPane(Pane),
    /// Shows the files of an embedded page, and hides them again.
    ShowFiles,
    /// Opens the list of labs.
    ShowLabs,
    OpenPalette(Scope),
    ClosePalette,
    /// Shows the link to what is here.
    Share,
    /// From light to dark or back.
    SwitchTheme,
    /// Puts a text into the clipboard.
    Copy(String),
    /// Gives the focus to an element, by its id, once the page is drawn.
    Focus(&'static str),
    /// Something that the user must know; it stays until it is dismissed.
    Notice(String),
    /// Keeps what is here for the next visit.
    Save,
}

/// What the views of a part send: messages of its own, and effects.
pub struct Link<M> {
    send: Callback<M>,
    ask: Callback<Effect>,
}

impl<M: 'static> Link<M> {
    pub fn new(send: Callback<M>, ask: Callback<Effect>) -> Link<M> {
        Link { send, ask }
    }

    /// A callback that sends a message.
    pub fn send<E: 'static>(&self, message: impl Fn(E) -> M + 'static) -> Callback<E> {
        self.send.reform(message)
    }

    /// A callback that sends a message of some events.
    pub fn send_some<E: 'static>(&self, message: impl Fn(E) -> Option<M> + 'static) -> Callback<E> {
        let send = self.send.clone();
        Callback::from(move |event| message(event).into_iter().for_each(|message| send.emit(message)))
    }

    /// A callback that asks for an effect.
    pub fn ask<E: 'static>(&self, effect: impl Fn(E) -> Effect + 'static) -> Callback<E> {
        self.ask.reform(effect)
    }

    /// Where effects are asked for.
    pub fn asks(&self) -> &Callback<Effect> {
        &self.ask
    }
}

/// What a press of Escape asks for.
pub fn on_escape(ask: &Callback<Effect>, effect: fn() -> Effect) -> Callback<KeyboardEvent> {
    let ask = ask.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            ask.emit(effect());
        }
    })
}
