//! describe: one describer a kind, else the generic one. Models kubectl/pkg/describe.
