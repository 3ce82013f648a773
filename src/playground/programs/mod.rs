//! What only the user's own machine has (ssh to a node, editors).
