//! ConfigMaps and Secrets: what they hold.

use crate::values::object::Object;
use std::collections::BTreeMap;

/// The bytes of a base64 text; nothing where it is none.
pub fn decode_base64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default()
}

/// The entries of a ConfigMap or Secret as texts.
pub fn entries(object: &Object) -> BTreeMap<String, Vec<u8>> {
    let secret = object.kind() == "Secret";
    let mut found = BTreeMap::new();
    for (key, value) in object.map(&["data"]).into_iter().flatten() {
        let text = value.as_str().unwrap_or("");
        found.insert(key.to_owned(), if secret { decode_base64(text) } else { text.as_bytes().to_vec() });
    }
    for (key, value) in object.map(&["binaryData"]).into_iter().flatten() {
        found.insert(key.to_owned(), decode_base64(value.as_str().unwrap_or("")));
    }
    found
}
