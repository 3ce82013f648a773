//! Defaults per kind. Models pkg/apis/*/v1/defaults.go.
