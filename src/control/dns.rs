//! The cluster's names: A, SRV, PTR answers from Services and endpoints.
