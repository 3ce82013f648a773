//! One scheduling cycle: filter, score, reserve, bind; FailedScheduling texts.
pub mod volume_binding;
