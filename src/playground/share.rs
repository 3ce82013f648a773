//! Session <-> link text (versioned).
