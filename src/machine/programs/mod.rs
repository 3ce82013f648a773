//! Table PROGRAMS of busybox/coreutils applets by family: files, text, net, process.
