//! The browser: the Yew app.
