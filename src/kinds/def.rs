//! What a row of the table of kinds holds.

use crate::values::clock::Instant;
use crate::values::object::Object;
use crate::values::status::FieldError;

/// A kind: all that the api server and kubectl need to know of it.
pub struct KindDef {
    /// In full, such as `PersistentVolumeClaim`.
    pub kind: &'static str,
    /// API group, empty for core.
    pub group: &'static str,
    pub version: &'static str,
    /// Such as `persistentvolumeclaims`.
    pub plural: &'static str,
    pub short_names: &'static [&'static str],
    /// `all` where `kubectl get all` lists it.
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    /// Whether `spec` changes raise `metadata.generation`.
    pub generation: bool,
    /// Fills defaults into an object that is created (`old` absent) or changed. Models the SetDefaults functions and strategies.
    pub defaults: fn(&mut Object, old: Option<&Object>),
    /// Findings in the order in which the server reports them.
    pub validate: fn(&KindDef, &Object, old: Option<&Object>) -> Vec<FieldError>,
    /// `Warning:` lines for a create or change.
    pub warnings: fn(&Object, old: Option<&Object>) -> Vec<String>,
    /// The columns of `kubectl get`, NAME first.
    pub columns: &'static [Column],
    /// Behind name and namespace, the lines that describe an object which says all itself, their cells behind tabs. Where there is none,
    /// kubectl has a describer that looks around (`DESCRIBERS`), or shows every field.
    pub describe: Option<fn(&Object) -> Vec<String>>,
    /// What of the kind is not simulated, told whoever makes an object of it; empty where there is nothing to tell.
    pub note: &'static str,
}

/// A column of `kubectl get`.
pub struct Column {
    pub name: &'static str,
    /// Only with `-o wide`.
    pub wide: bool,
    /// The cell; `now` is for ages.
    pub cell: fn(&Object, Instant) -> String,
}

impl KindDef {
    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `persistentvolumeclaims`, `statefulsets.apps`: how messages name the resource.
    pub fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `persistentvolumeclaim`, `statefulset`: the lower-case kind.
    pub fn singular(&self) -> String {
        self.kind.to_ascii_lowercase()
    }

    /// `persistentvolumeclaim/data`, `statefulset.apps/web`: how kubectl names an object in its answers.
    pub fn name_of(&self, name: &str) -> String {
        if self.group.is_empty() { format!("{}/{name}", self.singular()) } else { format!("{}.{}/{name}", self.singular(), self.group) }
    }
}
