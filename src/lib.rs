//! StateLab: a Kubernetes cluster that is a value.
pub mod apiserver;
#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod control;
pub mod kinds;
pub mod kubectl;
pub mod machine;
pub mod playground;
pub mod values;
