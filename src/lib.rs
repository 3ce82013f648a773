//! StateLab: a Kubernetes cluster that is a value.
//!
//! # Bird's eye view
//! A page (or a terminal) holds a `playground::session::Session`: a user's machine with its consoles, and a world. Typing a line runs
//! the console's shell; the shell asks the console for `kubectl`; kubectl talks to the api server of a cluster of the world; controllers,
//! scheduler and kubelets act on what was written, in simulated time; a node's container runtime runs processes over simulated disks.
//!
//! # Layers
//! From top to bottom; a module uses its own layer and those below it, and no more than three files lead to each other in a circle (held by
//! `tests/it/tidy.rs`). A table stands on top of its rows: these name neither it nor each other, what two of them share is a file below them.
//!
//! | layer | what it is |
//! |---|---|
//! | `app` | the Yew app, wasm32 only: a root component that owns the session, and a part with its own messages for each pane |
//! | [`playground`] | session, replay, picture, labs, links: the product without a browser |
//! | [`commands`] | what is on the user's PATH, strings in, strings out: a table of commands, and kubectl's table of verbs |
//! | [`world`] | all clusters, container runtimes and disks, with one clock: step, advance, settle |
//! | [`control`] | what makes a cluster go: `sync` (what a controller is written against), the table `controllers::ALL`, scheduler, kubelets, DNS, `rules` (pure questions about objects), flavours, and the [`control::cluster::Cluster`] that holds them |
//! | [`runtime`] | container runtimes: images of layers, containers, exec, logs |
//! | [`machine`] | file systems, disks, kernel and processes, the shell, programs, images |
//! | [`apiserver`] | the only writer of objects: admission, store, indexes, watch log, events |
//! | [`kinds`] | one row a kind: names, defaults, validation, columns, schema |
//! | [`values`] | time, chance, quantities, objects as JSON trees that share what did not change, YAML, selectors, patches, JSONPath |
//!
//! # Invariants
//! 1. The world is a value: `Clone + PartialEq`, with persistent maps, so that an undo point costs next to nothing.
//! 2. Only the api server writes objects, and controllers remember nothing: a sync is a function of one key.
//! 3. Time and chance come in by argument. Same seed and same inputs, same bytes, natively and in the browser.
//! 4. The core does no I/O and is never `async`: what must wait is a value with a `step` or a `poll`.
//! 5. Everything that comes in numbers is a table of rows with one place to add to.
//!
//! # Two parts
//! `make dist` cuts the program in two: the functions that a first visit runs until its first answer, with the constants that these use, and
//! the rest, which `app::late` fetches right after first paint. Which is which a visit in headless Chromium tells at each build
//! (`.ci/cut.mjs`); no list is kept. A call that comes too early waits for the late part; no other code knows of it, or needs to. Only what a
//! first visit newly runs makes the first part larger: `make dist` prints its size. Rare branches stay out of it as functions of their own:
//! none that is large is put into its only caller (`.cargo/config.toml`), so that no `#[inline(never)]` is needed.
//!
//! # A manifest, from paste to picture
//! The editor's buffers are files of the console's home; Apply types `kubectl apply -f FILE`. `kubectl apply` reads the documents,
//! `kinds::schema` decodes them strictly, `apiserver` admits, defaults, validates and stores; each write is an entry of the watch log,
//! which `control::cluster` maps to keys of controllers. `playground::picture` draws what came of it.
//!
//! # A command, from keystroke to table
//! `playground::console` hands the line to a `machine::process::Process`. What is no builtin or program becomes a `Call`, which it
//! answers by a row of `commands::COMMANDS`; what is not over at once is a `Box<dyn Pending>`, polled as the world goes on.
pub mod apiserver;
#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod commands;
pub mod control;
pub mod kinds;
pub mod machine;
pub mod playground;
pub mod runtime;
pub mod values;
pub mod world;
