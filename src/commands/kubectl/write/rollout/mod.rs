//! The rollout verbs. Models kubectl/pkg/cmd/rollout.
pub mod change;
pub mod chosen;
pub mod history;
pub mod revisions;
pub mod status;
pub mod undo;
