//! Validation per kind. Models pkg/apis/*/validation.
