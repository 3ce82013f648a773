//! Simulated images: files, entrypoint, shell dialect, what a container of it does and writes.
