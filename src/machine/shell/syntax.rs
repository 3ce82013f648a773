//! Text -> Command tree; never fails, returns diagnostics.
