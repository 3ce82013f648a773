//! Volumes of pods: wait for attach, mount, unmount; FailedMount texts.
