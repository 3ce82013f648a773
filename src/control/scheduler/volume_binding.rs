//! Bound claims, WaitForFirstConsumer, topology, ReadWriteOncePod.
