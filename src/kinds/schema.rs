//! Legal fields per kind: strict decoding, explain, editor completion.
