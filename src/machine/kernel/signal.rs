//! Signals: those of signal(7) that somebody here sends.

/// A signal to a process; `Process::signal` says whom it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    Terminate,
    Kill,
}
