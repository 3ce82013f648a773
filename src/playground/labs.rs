//! Lab file -> Lab; steps, checks, progress.
