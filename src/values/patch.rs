//! Merge patch, strategic merge patch, JSON patch, three-way apply.
